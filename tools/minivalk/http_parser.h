// SPDX-License-Identifier: BSD-2-Clause
//
// Parses the head of an HTTP/1 request out of a buffer that may hold less or more than one. No I/O,
// no memory of its own.
#ifndef MINIVALK_HTTP_PARSER_H
#define MINIVALK_HTTP_PARSER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define HEAD_BYTES_MAX 8192
#define HEADERS_MAX 64
#define METHOD_BYTES_MAX 16
#define TARGET_BYTES_MAX 1024
#define BODY_BYTES_MAX (1U << 20)

struct http_request {
  char method[METHOD_BYTES_MAX + 1];
  char target[TARGET_BYTES_MAX + 1];  // path and query
  bool keep_alive;
  uint64_t content_length;
  uint64_t header_bytes;  // names + values + 4 each: what the runtime counts as received
};

enum http_parse { HTTP_PARSED, HTTP_NEEDS_MORE, HTTP_MALFORMED, HTTP_TOO_LARGE };

// `head_length` is how many bytes of the buffer the head takes, once it is parsed.
enum http_parse http_parse_head(const char* bytes, size_t length, struct http_request* request,
                                size_t* head_length);

// Copies the value of `name` in the query. False: not there, or longer than `size` - 1.
bool http_query_value(const struct http_request* request, const char* name, char* value,
                      size_t size);

#endif  // MINIVALK_HTTP_PARSER_H
