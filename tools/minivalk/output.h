// SPDX-License-Identifier: BSD-2-Clause
//
// A growing text, and whole lines on stdout.
#ifndef MINIVALK_OUTPUT_H
#define MINIVALK_OUTPUT_H

#include <stddef.h>

struct output {
  char* bytes;
  size_t length;
  size_t capacity;
};

void output_free(struct output* output);

// Out of memory ends the process: there is no answer without it.
void output_bytes(struct output* output, const char* bytes, size_t length);
void output_format(struct output* output, const char* format, ...)
    __attribute__((format(printf, 2, 3)));

// Writes the line and its end to stdout, waiting while a pipe is full. A reader that went away is
// no reason to end.
void write_line(const char* line, size_t length);
void write_format(const char* format, ...) __attribute__((format(printf, 1, 2)));

#endif  // MINIVALK_OUTPUT_H
