// SPDX-License-Identifier: BSD-2-Clause
#include "server.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "connection.h"
#include "minivalk.h"
#include "shed.h"

#define BACKLOG 511

static bool is_to_fail(struct system* system) {
  _Atomic uint32_t* left = &system->minivalk->accepts_to_fail;
  uint32_t seen = atomic_load(left);
  while (seen > 0 && !atomic_compare_exchange_weak(left, &seen, seen - 1)) {
  }
  return seen > 0;
}

static void on_connection(uv_stream_t* listener, int status) {
  struct server* server = listener->data;
  struct system* system = server->system;
  struct system_counters* counters = system->counters;
  system_count_event(system);
  if (status < 0)
    count_add(&counters->connections_failed, 1);
  else if (is_to_fail(system))
    shed_as_failed(server);
  else if (count_read(&counters->connection_pool_used) >=
           count_read(&counters->connection_pool_total))
    shed_for_load(server);
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
  uv_tcp_init(&system->loop, &server->listener);
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
