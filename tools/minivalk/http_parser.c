// SPDX-License-Identifier: BSD-2-Clause
#define _GNU_SOURCE
#include "http_parser.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

// A piece of the buffer.
struct slice {
  const char* bytes;
  size_t length;
};

// What several headers say together.
struct head_facts {
  bool http_1_0;
  bool has_length;
  bool says_close;
  bool says_keep_alive;
};

static bool is_token(struct slice slice) {
  for (size_t i = 0; i < slice.length; ++i) {
    unsigned char byte = (unsigned char)slice.bytes[i];
    if (!isalnum(byte) && (byte == '\0' || strchr("!#$%&'*+-.^_`|~", byte) == NULL)) return false;
  }
  return slice.length > 0;
}

static bool is_visible(struct slice slice) {
  for (size_t i = 0; i < slice.length; ++i) {
    if (slice.bytes[i] <= ' ' || slice.bytes[i] == 0x7f) return false;
  }
  return true;
}

static bool equals(struct slice slice, const char* text) {
  return slice.length == strlen(text) && strncasecmp(slice.bytes, text, slice.length) == 0;
}

// Takes a line without its CRLF off the front. False: there is no whole line.
static bool take_line(struct slice* rest, struct slice* line) {
  const char* end = memmem(rest->bytes, rest->length, "\r\n", 2);
  if (end == NULL) return false;
  *line = (struct slice){rest->bytes, (size_t)(end - rest->bytes)};
  rest->bytes += line->length + 2;
  rest->length -= line->length + 2;
  return true;
}

static bool take_word(struct slice* rest, char separator, struct slice* word) {
  const char* end = memchr(rest->bytes, separator, rest->length);
  if (end == NULL) return false;
  *word = (struct slice){rest->bytes, (size_t)(end - rest->bytes)};
  rest->bytes += word->length + 1;
  rest->length -= word->length + 1;
  return true;
}

static struct slice trim(struct slice slice) {
  while (slice.length > 0 && (*slice.bytes == ' ' || *slice.bytes == '\t')) {
    ++slice.bytes;
    --slice.length;
  }
  while (slice.length > 0 &&
         (slice.bytes[slice.length - 1] == ' ' || slice.bytes[slice.length - 1] == '\t'))
    --slice.length;
  return slice;
}

static enum http_parse parse_request_line(struct slice line, struct http_request* request,
                                          struct head_facts* facts) {
  struct slice method;
  struct slice target;
  if (!take_word(&line, ' ', &method) || !take_word(&line, ' ', &target)) return HTTP_MALFORMED;
  if (!is_token(method) || method.length > METHOD_BYTES_MAX) return HTTP_MALFORMED;
  if (target.length == 0 || target.bytes[0] != '/' || !is_visible(target)) return HTTP_MALFORMED;
  if (target.length > TARGET_BYTES_MAX) return HTTP_TOO_LARGE;
  facts->http_1_0 = line.length == 8 && memcmp(line.bytes, "HTTP/1.0", 8) == 0;
  if (!facts->http_1_0 && (line.length != 8 || memcmp(line.bytes, "HTTP/1.1", 8) != 0))
    return HTTP_MALFORMED;
  memcpy(request->method, method.bytes, method.length);
  request->method[method.length] = '\0';
  memcpy(request->target, target.bytes, target.length);
  request->target[target.length] = '\0';
  return HTTP_PARSED;
}

static enum http_parse parse_content_length(struct slice value, struct http_request* request,
                                            struct head_facts* facts) {
  if (facts->has_length || value.length == 0 || value.length > 18) return HTTP_MALFORMED;
  for (size_t i = 0; i < value.length; ++i) {
    if (!isdigit((unsigned char)value.bytes[i])) return HTTP_MALFORMED;
    request->content_length = request->content_length * 10 + (uint64_t)(value.bytes[i] - '0');
  }
  facts->has_length = true;
  return request->content_length > BODY_BYTES_MAX ? HTTP_TOO_LARGE : HTTP_PARSED;
}

static void parse_connection(struct slice value, struct head_facts* facts) {
  struct slice option;
  while (value.length > 0) {
    if (!take_word(&value, ',', &option)) {
      option = value;
      value.length = 0;
    }
    if (equals(trim(option), "close")) facts->says_close = true;
    if (equals(trim(option), "keep-alive")) facts->says_keep_alive = true;
  }
}

static enum http_parse parse_header(struct slice line, struct http_request* request,
                                    struct head_facts* facts) {
  struct slice name;
  if (!take_word(&line, ':', &name) || !is_token(name)) return HTTP_MALFORMED;
  struct slice value = trim(line);
  for (size_t i = 0; i < value.length; ++i) {
    if ((unsigned char)value.bytes[i] < ' ' && value.bytes[i] != '\t') return HTTP_MALFORMED;
  }
  request->header_bytes += name.length + value.length + 4;
  // Chunked bodies are more than a stand-in needs, and guessing their end would be a hole.
  if (equals(name, "Transfer-Encoding")) return HTTP_MALFORMED;
  if (equals(name, "Content-Length")) return parse_content_length(value, request, facts);
  if (equals(name, "Connection")) parse_connection(value, facts);
  return HTTP_PARSED;
}

enum http_parse http_parse_head(const char* bytes, size_t length, struct http_request* request,
                                size_t* head_length) {
  struct slice rest = {bytes, length};
  struct slice line;
  struct head_facts facts = {0};
  memset(request, 0, sizeof(*request));
  if (!take_line(&rest, &line)) return length > HEAD_BYTES_MAX ? HTTP_TOO_LARGE : HTTP_NEEDS_MORE;
  enum http_parse parsed = parse_request_line(line, request, &facts);
  for (size_t headers = 0; parsed == HTTP_PARSED; ++headers) {
    if ((size_t)(rest.bytes - bytes) > HEAD_BYTES_MAX || headers > HEADERS_MAX)
      return HTTP_TOO_LARGE;
    if (!take_line(&rest, &line)) return length > HEAD_BYTES_MAX ? HTTP_TOO_LARGE : HTTP_NEEDS_MORE;
    if (line.length == 0) break;
    parsed = parse_header(line, request, &facts);
  }
  *head_length = (size_t)(rest.bytes - bytes);
  request->keep_alive = !facts.says_close && (!facts.http_1_0 || facts.says_keep_alive);
  return parsed;
}

bool http_query_value(const struct http_request* request, const char* name, char* value,
                      size_t size) {
  const char* at = strchr(request->target, '?');
  size_t name_length = strlen(name);
  while (at != NULL) {
    ++at;
    size_t length = strcspn(at, "&");
    if (length > name_length && at[name_length] == '=' && strncmp(at, name, name_length) == 0) {
      length -= name_length + 1;
      if (length >= size) return false;
      memcpy(value, at + name_length + 1, length);
      value[length] = '\0';
      return true;
    }
    at = strchr(at, '&');
  }
  return false;
}
