// SPDX-License-Identifier: BSD-2-Clause
#include "response.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HEAD_ROOM 256

static const char* reason_of(int status) {
  switch (status) {
    case 200:
      return "OK";
    case 204:
      return "No Content";
    case 304:
      return "Not Modified";
    case 400:
      return "Bad Request";
    case 404:
      return "Not Found";
    case 431:
      return "Request Header Fields Too Large";
    case 500:
      return "Internal Server Error";
    case 503:
      return "Service Unavailable";
    default:
      return "Status";
  }
}

struct response response_make(int status, const char* body, size_t length,
                              const struct http_request* request) {
  bool is_head = strcmp(request->method, "HEAD") == 0;
  if (status == 204 || status == 304) length = 0;
  struct response response = {malloc(HEAD_ROOM + length), 0, is_head ? 0 : length};
  if (response.bytes == NULL) return response;
  char length_line[48] = "";
  if (status != 204) snprintf(length_line, sizeof(length_line), "Content-Length: %zu\r\n", length);
  int head =
      snprintf(response.bytes, HEAD_ROOM,
               "HTTP/1.1 %d %s\r\nContent-Type: text/plain\r\n%sConnection: %s\r\n\r\n", status,
               reason_of(status), length_line, request->keep_alive ? "keep-alive" : "close");
  memcpy(response.bytes + head, body, response.body_length);
  response.length = (size_t)head + response.body_length;
  return response;
}
