// SPDX-License-Identifier: BSD-2-Clause
#ifndef MINIVALK_SERVER_H
#define MINIVALK_SERVER_H

#include "system.h"

struct server {
  uint64_t id;
  struct system* system;
  struct server_counters* counters;
  uv_tcp_t listener;
};

// Listens on 127.0.0.1. 0, or an error of libuv.
int server_create(struct server* server, struct system* system, uint16_t port);
void server_stop(struct server* server);

#endif  // MINIVALK_SERVER_H
