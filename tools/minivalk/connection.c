// SPDX-License-Identifier: BSD-2-Clause
#include "connection.h"

#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "request.h"

struct write {
  uv_write_t request;
  struct connection* connection;
  uv_buf_t answer;
};

static void on_allocate(uv_handle_t* handle, size_t suggested, uv_buf_t* buffer) {
  struct connection* connection = handle->data;
  struct system* system = connection->system;
  (void)suggested;
  if (connection->input == NULL) connection->input = system_take_tcp_buffer(system);
  if (connection->input == NULL)
    *buffer = uv_buf_init(system->spare_input, INPUT_BYTES);
  else
    *buffer = uv_buf_init(connection->input + connection->input_length,
                          (unsigned)(INPUT_BYTES - connection->input_length));
}

static void release_input(struct connection* connection) {
  if (connection->input_length > 0 || connection->request.open) return;
  system_return_tcp_buffer(connection->system, connection->input);
  connection->input = NULL;
}

static void end_by_peer(struct connection* connection) {
  if (connection->request.open) request_give_up(connection);
  connection_close(connection);
}

static void on_read(uv_stream_t* stream, ssize_t length, const uv_buf_t* buffer);

// Reads on as long as there is room; a pipelining client waits in the kernel's buffers otherwise.
static bool update_reading(struct connection* connection) {
  bool wanted =
      connection->state != VALKYRIA_STATE_CLOSING && connection->input_length < INPUT_BYTES;
  if (wanted == connection->reading) return true;
  connection->reading = wanted;
  if (wanted) return uv_read_start((uv_stream_t*)&connection->tcp, on_allocate, on_read) == 0;
  uv_read_stop((uv_stream_t*)&connection->tcp);
  return true;
}

static void advance(struct connection* connection) {
  while (connection->state != VALKYRIA_STATE_CLOSING &&
         uv_stream_get_write_queue_size((uv_stream_t*)&connection->tcp) <= UNSENT_BYTES_MAX &&
         request_advance(connection)) {
  }
  if (connection->state != VALKYRIA_STATE_CLOSING && !update_reading(connection))
    end_by_peer(connection);
  release_input(connection);
}

void connection_advance(struct connection* connection) {
  advance(connection);
}

static void on_read(uv_stream_t* stream, ssize_t length, const uv_buf_t* buffer) {
  struct connection* connection = stream->data;
  (void)buffer;
  system_count_event(connection->system);
  if (length > 0 && connection->input == NULL) {
    request_refuse(connection, VALKYRIA_OVERLOAD_TCP_BUFFER);
  } else if (length > 0) {
    connection->input_length += (size_t)length;
    advance(connection);
  } else {
    if (length < 0) end_by_peer(connection);
    release_input(connection);
  }
}

void connection_consume(struct connection* connection, size_t length) {
  connection->input_length -= length;
  memmove(connection->input, connection->input + length, connection->input_length);
}

static void on_closed(uv_handle_t* handle) {
  struct connection* connection = handle->data;
  struct system* system = connection->system;
  system_count_event(system);
  if (connection->previous != NULL)
    connection->previous->next = connection->next;
  else
    system->connections = connection->next;
  if (connection->next != NULL) connection->next->previous = connection->previous;
  system_return_tcp_buffer(system, connection->input);
  connection_enter(connection, VALKYRIA_STATE_CLOSED, clock_now_ns());
  free(connection);
}

static void close_handle(struct connection* connection) {
  if (!uv_is_closing((uv_handle_t*)&connection->tcp))
    system_close_handle(connection->system, &connection->tcp, on_closed);
}

void connection_close(struct connection* connection) {
  if (connection->state != VALKYRIA_STATE_CLOSING) {
    connection_enter(connection, VALKYRIA_STATE_CLOSING, clock_now_ns());
    update_reading(connection);
  }
  if (connection->writes_open == 0) close_handle(connection);
}

static void on_written(uv_write_t* request, int status) {
  struct write* write = request->data;
  struct connection* connection = write->connection;
  system_count_event(connection->system);
  free(write->answer.base);
  free(write);
  --connection->writes_open;
  if (connection->state == VALKYRIA_STATE_CLOSING)
    connection_close(connection);
  else if (status < 0)
    end_by_peer(connection);
  else
    advance(connection);
}

struct write* connection_make_write(struct connection* connection, char* bytes, size_t length) {
  struct write* write = bytes != NULL ? calloc(1, sizeof(*write)) : NULL;
  if (write == NULL) {
    free(bytes);
    return NULL;
  }
  write->connection = connection;
  write->answer = uv_buf_init(bytes, (unsigned)length);
  write->request.data = write;
  return write;
}

void connection_send(struct write* write) {
  uv_stream_t* stream = (uv_stream_t*)&write->connection->tcp;
  ++write->connection->writes_open;
  int error = uv_write(&write->request, stream, &write->answer, 1, on_written);
  if (error != 0) on_written(&write->request, error);
}

static void on_unaccepted(uv_handle_t* handle) {
  free(handle->data);
}

void connection_accept(struct server* server) {
  struct system* system = server->system;
  struct connection* connection = calloc(1, sizeof(*connection));
  if (connection == NULL) {
    count_add(&system->counters->connections_failed, 1);
    return;
  }
  connection->server = server;
  connection->system = system;
  connection->tcp.data = connection;
  uv_tcp_init(&system->loop, &connection->tcp);
  system_count_handle(system);
  if (uv_accept((uv_stream_t*)&server->listener, (uv_stream_t*)&connection->tcp) != 0) {
    count_add(&system->counters->connections_failed, 1);
    system_close_handle(system, &connection->tcp, on_unaccepted);
    return;
  }
  connection->id = next_id();
  connection->next = system->connections;
  if (connection->next != NULL) connection->next->previous = connection;
  system->connections = connection;
  connection_enter(connection, VALKYRIA_STATE_CONNECTING, clock_now_ns());
  uv_tcp_nodelay(&connection->tcp, 1);
  if (!update_reading(connection)) {
    count_add(&system->counters->connections_failed, 1);
    connection_close(connection);
    return;
  }
  connection_enter(connection, VALKYRIA_STATE_IDLE, clock_now_ns());
}

void connections_stop(struct system* system) {
  for (struct connection* at = system->connections; at != NULL; at = at->next) {
    if (at->request.open) request_give_up(at);
    connection_close(at);
    close_handle(at);  // unsent answers are lost
  }
}
