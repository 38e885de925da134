// SPDX-License-Identifier: BSD-2-Clause
#include "server.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "connection.h"

#define BACKLOG 511

static const char BUSY[] =
    "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";

static void on_refused_closed(uv_handle_t* handle) {
  free(handle);
}

// The pool has run out: an answer, no connection.
static void refuse(struct server* server) {
  struct system* system = server->system;
  uv_tcp_t* tcp = calloc(1, sizeof(*tcp));
  if (tcp == NULL) return;
  uv_tcp_init(system->loop, tcp);
  system_count_handle(system);
  bool accepted = uv_accept((uv_stream_t*)&server->listener, (uv_stream_t*)tcp) == 0;
  if (accepted) {
    uv_buf_t answer = uv_buf_init((char*)BUSY, sizeof(BUSY) - 1);
    uv_try_write((uv_stream_t*)tcp, &answer, 1);
    count_add(&system->counters->connections_rejected_load_total, 1);
    count_add(&server->counters->overload_responses_total, 1);
    VALKYRIA_OVERLOAD(system->id, system->counters->name, server->id, server->counters->host,
                      server->counters->port, 0, VALKYRIA_OVERLOAD_CONNECTIONS);
  } else {
    count_add(&system->counters->connections_failed, 1);
  }
  system_close_handle(system, tcp, on_refused_closed);
}

static void on_connection(uv_stream_t* listener, int status) {
  struct server* server = listener->data;
  struct system* system = server->system;
  system_count_event(system);
  if (status < 0)
    count_add(&system->counters->connections_failed, 1);
  else if (count_read(&system->counters->connection_pool_used) >= CONNECTIONS_MAX)
    refuse(server);
  else
    connection_accept(server);
}

static void register_server(struct server* server, uint16_t port) {
  uint32_t index = atomic_load(&minivalk_runtime.server_count);
  struct server_counters* counters = &minivalk_runtime.servers[index];
  server->id = next_id();
  server->counters = counters;
  counters->id = server->id;
  counters->system = server->system->index;
  counters->port = port;
  strcpy(counters->host, "127.0.0.1");
  strcpy(counters->protocol, "http");
  atomic_store(&minivalk_runtime.server_count, index + 1);
  count_add(&server->system->counters->servers_count, 1);
}

static int listen_on(struct server* server, uint16_t port) {
  struct sockaddr_in address;
  int length = sizeof(address);
  int error = uv_ip4_addr("127.0.0.1", port, &address);
  if (error == 0) error = uv_tcp_bind(&server->listener, (const struct sockaddr*)&address, 0);
  if (error == 0) error = uv_listen((uv_stream_t*)&server->listener, BACKLOG, on_connection);
  if (error == 0)
    error = uv_tcp_getsockname(&server->listener, (struct sockaddr*)&address, &length);
  if (error == 0) register_server(server, ntohs(address.sin_port));
  return error;
}

int server_create(struct server* server, struct system* system, uint16_t port) {
  server->system = system;
  uv_tcp_init(system->loop, &server->listener);
  system_count_handle(system);
  server->listener.data = server;
  int error = listen_on(server, port);
  if (error != 0) system_close_handle(system, &server->listener, NULL);
  return error;
}

void server_stop(struct server* server) {
  count_subtract(&server->system->counters->servers_count, 1);
  system_close_handle(server->system, &server->listener, NULL);
}
