// SPDX-License-Identifier: BSD-2-Clause
//
// A request from its first byte to its end, which comes just before its answer is handed to the
// kernel: whoever has an answer can rely on its counters and its REQUEST_END. All states and
// counters are up to date before REQUEST_END fires: a trap must never stand between two of them.
#include "request.h"

#include <string.h>

#include "clock.h"
#include "handler.h"
#include "response.h"

static counter_u64* class_of(struct server_counters* counters, int status) {
  switch (status / 100) {
    case 2:
      return &counters->requests_2xx_total;
    case 3:
      return &counters->requests_3xx_total;
    case 4:
      return &counters->requests_4xx_total;
    case 5:
      return &counters->requests_5xx_total;
    default:
      return &counters->requests_other_total;
  }
}

static void request_begin(struct connection* connection) {
  struct request* request = &connection->request;
  memset(request, 0, sizeof(*request));
  struct system_counters* counters = connection->system->counters;
  request->open = true;
  request->waiting = true;
  request->begun_at_ns = clock_now_ns();
  request->idle_ns = connection_enter(connection, VALKYRIA_STATE_ACTIVE, request->begun_at_ns);
  count_add(&counters->streams_total, 1);
  count_add(&counters->streams_active, 1);
  count_add(&counters->requests_active, 1);
  count_add(&counters->pending_requests, 1);
}

static void end_waiting(struct connection* connection) {
  if (connection->request.waiting)
    count_subtract(&connection->system->counters->pending_requests, 1);
  connection->request.waiting = false;
}

static void count_request(const struct connection* connection, int status, uint64_t duration_ns,
                          uint64_t bytes_sent) {
  const struct request* request = &connection->request;
  struct system_counters* system = connection->system->counters;
  struct server_counters* server = connection->server->counters;
  count_subtract(&system->streams_active, 1);
  count_subtract(&system->requests_active, 1);
  count_add(&system->requests_total, 1);
  count_add(&system->bytes_sent_total, bytes_sent);
  count_add(&system->bytes_recv_total, request->bytes_received);
  count_add(&server->bytes_sent_total, bytes_sent);
  count_add(&server->bytes_recv_total, request->bytes_received);
  if (request->eval_ns != 0)
    histogram_observe(&minivalk_runtime.vm.eval_duration[VALKYRIA_EVAL_REQUEST], &HISTOGRAM_OTHER,
                      request->eval_ns);
  if (status == 0) {
    count_add(&system->requests_errors, 1);
    return;
  }
  count_add(class_of(server, status), 1);
  histogram_observe(&server->request_duration, &HISTOGRAM_HTTP, duration_ns);
}

// Status 0: given up.
static void request_end(struct connection* connection, int status, uint64_t bytes_sent) {
  struct system* system = connection->system;
  struct server* server = connection->server;
  struct request* request = &connection->request;
  end_waiting(connection);
  if (request->has_arena) system_return_arena(system);
  request->open = false;
  uint64_t duration_ns = connection_enter(connection, VALKYRIA_STATE_IDLE, clock_now_ns());
  count_request(connection, status, duration_ns, bytes_sent);
  VALKYRIA_REQUEST_END(system->id, system->counters->name, server->id, server->counters->host,
                       server->counters->port, 0, status, duration_ns, request->idle_ns,
                       request->eval_ns, bytes_sent, request->bytes_received);
}

void request_give_up(struct connection* connection) {
  handler_cancel(connection);
  request_end(connection, 0, 0);
}

void request_answer(struct connection* connection, int status, const char* body, size_t length) {
  struct response response = response_make(status, body, length, &connection->request.head);
  bool keep_alive = connection->request.head.keep_alive;
  struct write* write = connection_make_write(connection, response.bytes, response.length);
  request_end(connection, write != NULL ? status : 0, write != NULL ? response.body_length : 0);
  if (write != NULL) connection_send(write);
  if (write == NULL || !keep_alive) connection_close(connection);
}

static void reject(struct connection* connection, int status, const char* why) {
  connection->request.head.keep_alive = false;
  request_answer(connection, status, why, strlen(why));
}

void request_refuse(struct connection* connection, enum valkyria_overload_reason reason) {
  struct system* system = connection->system;
  struct server* server = connection->server;
  if (reason == VALKYRIA_OVERLOAD_TCP_BUFFER) {
    count_add(&system->counters->tcp_buffer_overflow_total, 1);
    request_begin(connection);
  }
  count_add(&server->counters->overload_responses_total, 1);
  VALKYRIA_OVERLOAD(system->id, system->counters->name, server->id, server->counters->host,
                    server->counters->port, 0, reason);
  request_answer(connection, 503, "overloaded\n", strlen("overloaded\n"));
}

// True: the head is parsed and taken off the input.
static bool parse_head(struct connection* connection) {
  struct request* request = &connection->request;
  size_t head_length = 0;
  switch (
      http_parse_head(connection->input, connection->input_length, &request->head, &head_length)) {
    case HTTP_NEEDS_MORE:
      return false;
    case HTTP_MALFORMED:
      reject(connection, 400, "malformed request\n");
      return false;
    case HTTP_TOO_LARGE:
      reject(connection, 431, "request too large\n");
      return false;
    case HTTP_PARSED:
      break;
  }
  connection_consume(connection, head_length);
  request->head_parsed = true;
  request->body_bytes_left = request->head.content_length;
  request->bytes_received = request->head.header_bytes;
  request->has_arena = system_take_arena(connection->system);
  return true;
}

// Bodies are counted and dropped. True: nothing of it is missing.
static bool take_body(struct connection* connection) {
  struct request* request = &connection->request;
  size_t part = connection->input_length;
  if (part > request->body_bytes_left) part = request->body_bytes_left;
  connection_consume(connection, part);
  request->body_bytes_left -= part;
  request->bytes_received += part;
  return request->body_bytes_left == 0;
}

static void skip_empty_lines(struct connection* connection) {
  size_t length = 0;
  while (length < connection->input_length &&
         (connection->input[length] == '\r' || connection->input[length] == '\n'))
    ++length;
  if (length > 0) connection_consume(connection, length);
}

bool request_advance(struct connection* connection) {
  struct request* request = &connection->request;
  if (connection->delay != NULL) return false;
  if (!request->open) {
    skip_empty_lines(connection);
    if (connection->input_length == 0) return false;
    request_begin(connection);
  }
  if (!request->head_parsed && !parse_head(connection)) return false;
  if (!take_body(connection)) return false;
  end_waiting(connection);
  if (request->has_arena)
    handler_run(connection);
  else
    request_refuse(connection, VALKYRIA_OVERLOAD_ARENA);
  return !request->open;
}
