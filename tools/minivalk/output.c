// SPDX-License-Identifier: BSD-2-Clause
#include "output.h"

#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void output_free(struct output* output) {
  free(output->bytes);
  memset(output, 0, sizeof(*output));
}

static void reserve(struct output* output, size_t more) {
  if (output->length + more <= output->capacity) return;
  size_t capacity = (output->length + more) * 2;
  char* bytes = realloc(output->bytes, capacity);
  if (bytes == NULL) {
    fprintf(stderr, "minivalk: out of memory for an answer of %zu bytes\n", capacity);
    abort();
  }
  output->bytes = bytes;
  output->capacity = capacity;
}

void output_bytes(struct output* output, const char* bytes, size_t length) {
  if (length == 0) return;
  reserve(output, length);
  memcpy(output->bytes + output->length, bytes, length);
  output->length += length;
}

static void format_into(struct output* output, const char* format, va_list arguments) {
  va_list again;
  va_copy(again, arguments);
  int length = vsnprintf(NULL, 0, format, arguments);
  if (length > 0) {
    reserve(output, (size_t)length + 1);
    vsnprintf(output->bytes + output->length, (size_t)length + 1, format, again);
    output->length += (size_t)length;
  }
  va_end(again);
}

void output_format(struct output* output, const char* format, ...) {
  va_list arguments;
  va_start(arguments, format);
  format_into(output, format, arguments);
  va_end(arguments);
}

static void write_all(const char* bytes, size_t length) {
  while (length > 0) {
    ssize_t written = write(STDOUT_FILENO, bytes, length);
    if (written >= 0) {
      bytes += written;
      length -= (size_t)written;
    } else if (errno == EAGAIN) {
      struct pollfd writable = {.fd = STDOUT_FILENO, .events = POLLOUT};
      poll(&writable, 1, -1);
    } else if (errno != EINTR) {
      return;
    }
  }
}

void write_line(const char* line, size_t length) {
  struct output output = {0};
  output_bytes(&output, line, length);
  output_bytes(&output, "\n", 1);
  write_all(output.bytes, output.length);
  output_free(&output);
}

void write_format(const char* format, ...) {
  struct output output = {0};
  va_list arguments;
  va_start(arguments, format);
  format_into(&output, format, arguments);
  va_end(arguments);
  write_line(output.bytes, output.length);
  output_free(&output);
}
