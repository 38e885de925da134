// SPDX-License-Identifier: BSD-2-Clause
#include "shed.h"

#include <stdlib.h>

static const char BUSY[] =
    "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";

struct shed {
  uv_tcp_t tcp;
  uv_shutdown_t shutdown;
  struct system* system;
  struct shed* next;
  struct shed* previous;
  char unread[1024];
};

static void on_closed(uv_handle_t* handle) {
  free(handle->data);
}

static void end(struct shed* shed) {
  struct system* system = shed->system;
  if (uv_is_closing((uv_handle_t*)&shed->tcp)) return;
  if (shed->previous != NULL)
    shed->previous->next = shed->next;
  else
    system->shed = shed->next;
  if (shed->next != NULL) shed->next->previous = shed->previous;
  --system->shed_count;
  system_close_handle(system, &shed->tcp, on_closed);
}

static void on_allocate(uv_handle_t* handle, size_t suggested, uv_buf_t* buffer) {
  struct shed* shed = handle->data;
  (void)suggested;
  *buffer = uv_buf_init(shed->unread, sizeof(shed->unread));
}

static void on_read(uv_stream_t* stream, ssize_t length, const uv_buf_t* buffer) {
  struct shed* shed = stream->data;
  (void)buffer;
  system_count_event(shed->system);
  if (length < 0) end(shed);
}

static void on_shut(uv_shutdown_t* shutdown, int status) {
  struct shed* shed = shutdown->data;
  system_count_event(shed->system);
  if (status < 0) end(shed);
}

// NULL, and counted, if even that fails.
static struct shed* accept_to_shed(struct server* server) {
  struct system* system = server->system;
  struct shed* shed = calloc(1, sizeof(*shed));
  if (shed == NULL) {
    count_add(&system->counters->connections_failed, 1);
    return NULL;
  }
  shed->system = system;
  uv_tcp_init(&system->loop, &shed->tcp);
  system_count_handle(system);
  shed->tcp.data = shed;
  shed->shutdown.data = shed;
  shed->next = system->shed;
  if (shed->next != NULL) shed->next->previous = shed;
  system->shed = shed;
  ++system->shed_count;
  if (uv_accept((uv_stream_t*)&server->listener, (uv_stream_t*)&shed->tcp) == 0) return shed;
  count_add(&system->counters->connections_failed, 1);
  end(shed);
  return NULL;
}

void shed_for_load(struct server* server) {
  struct system* system = server->system;
  struct shed* shed = accept_to_shed(server);
  if (shed == NULL) return;
  count_add(&system->counters->connections_rejected_load_total, 1);
  count_add(&server->counters->overload_responses_total, 1);
  VALKYRIA_OVERLOAD(system->id, system->counters->name, server->id, server->counters->host,
                    server->counters->port, 0, VALKYRIA_OVERLOAD_CONNECTIONS);
  uv_buf_t answer = uv_buf_init((char*)BUSY, sizeof(BUSY) - 1);
  uv_stream_t* stream = (uv_stream_t*)&shed->tcp;
  if (uv_try_write(stream, &answer, 1) < 0 || system->shed_count > SHED_MAX ||
      uv_shutdown(&shed->shutdown, stream, on_shut) != 0 ||
      uv_read_start(stream, on_allocate, on_read) != 0)
    end(shed);
}

void shed_as_failed(struct server* server) {
  struct shed* shed = accept_to_shed(server);
  if (shed == NULL) return;
  count_add(&shed->system->counters->connections_failed, 1);
  end(shed);
}

void shed_stop(struct system* system) {
  while (system->shed != NULL) end(system->shed);
}
