// SPDX-License-Identifier: BSD-2-Clause
#ifndef MINIVALK_RESPONSE_H
#define MINIVALK_RESPONSE_H

#include "http_parser.h"

struct response {
  char* bytes;  // malloc; NULL: out of memory
  size_t length;
  size_t body_length;  // 0 where there is none (HEAD, 204, 304)
};

struct response response_make(int status, const char* body, size_t length,
                              const struct http_request* request);

#endif  // MINIVALK_RESPONSE_H
