// SPDX-License-Identifier: BSD-2-Clause
#include "handler.h"

#include <stdlib.h>
#include <string.h>

#include "lisp_text.h"
#include "outermost.h"
#include "request.h"

#define DELAY_MS_MAX 60000

struct answer {
  int status;
  size_t length;
  uint64_t delay_ms;
  char body[TEXT_BYTES_MAX + 1];
};

struct delay {
  uv_timer_t timer;
  struct connection* connection;
  int status;
  size_t length;
  char body[];
};

static void on_delay_closed(uv_handle_t* handle) {
  free(handle->data);
}

static void on_delay_over(uv_timer_t* timer) {
  struct delay* delay = timer->data;
  struct connection* connection = delay->connection;
  system_count_event(connection->system);
  count_subtract(&connection->system->counters->pending_responses, 1);
  connection->delay = NULL;
  system_close_handle(connection->system, &delay->timer, on_delay_closed);
  request_answer(connection, delay->status, delay->body, delay->length);
  connection_advance(connection);
}

void handler_cancel(struct connection* connection) {
  struct delay* delay = connection->delay;
  if (delay == NULL) return;
  connection->delay = NULL;
  count_subtract(&connection->system->counters->pending_responses, 1);
  system_close_handle(connection->system, &delay->timer, on_delay_closed);
}

static bool start_delay(struct connection* connection, const struct answer* answer) {
  struct delay* delay = malloc(sizeof(*delay) + answer->length);
  if (delay == NULL) return false;
  delay->connection = connection;
  delay->status = answer->status;
  delay->length = answer->length;
  memcpy(delay->body, answer->body, answer->length);
  uv_timer_init(&connection->system->loop, &delay->timer);
  system_count_handle(connection->system);
  delay->timer.data = delay;
  uv_update_time(&connection->system->loop);  // the handler's own time doesn't shorten the delay
  uv_timer_start(&delay->timer, on_delay_over, answer->delay_ms, 0);
  connection->delay = delay;
  count_add(&connection->system->counters->pending_responses, 1);
  return true;
}

static bool is_integer(const struct cell* value, int64_t least, int64_t most) {
  return value->type == CELL_INTEGER && value->integer >= least && value->integer <= most;
}

// (status text) or (status text delay-ms)
static bool parse_answer(const struct cell* value, struct answer* answer) {
  if (value->type != CELL_PAIR || !is_integer(value->pair.head, 200, 999)) return false;
  answer->status = (int)value->pair.head->integer;
  value = value->pair.tail;
  if (value->type != CELL_PAIR || value->pair.head->type != CELL_TEXT) return false;
  answer->length = text_copy(value->pair.head, answer->body, sizeof(answer->body));
  value = value->pair.tail;
  answer->delay_ms = 0;
  if (value->type == CELL_NIL) return true;
  if (value->type != CELL_PAIR || !is_integer(value->pair.head, 0, DELAY_MS_MAX)) return false;
  answer->delay_ms = (uint64_t)value->pair.head->integer;
  return true;
}

// (handle "/path")
static struct cell* make_call(struct evaluator* evaluator, const char* target) {
  struct cell* path = make_text(evaluator, target, strcspn(target, "?"));
  if (path == NULL) return NULL;
  struct cell* arguments = make_pair(evaluator, path, &evaluator->heap->nil);
  struct cell* handle = symbol_intern(evaluator, "handle", strlen("handle"));
  if (arguments == NULL || handle == NULL) return NULL;
  return make_pair(evaluator, handle, arguments);
}

static struct cell* evaluate_handler(struct connection* connection) {
  struct evaluator* evaluator = &connection->system->evaluator;
  struct request* request = &connection->request;
  struct cell* call = make_call(evaluator, request->head.target);
  if (call == NULL) return NULL;
  evaluator->request = &request->head;
  struct outcome outcome =
      evaluate_outermost(evaluator, VALKYRIA_EVAL_REQUEST, request->head.target, call);
  evaluator->request = NULL;
  request->eval_ns = outcome.duration_ns;
  return outcome.value;
}

static void set_error(struct answer* answer, const char* text) {
  answer->status = 500;
  answer->delay_ms = 0;
  answer->length = strlen(text);
  memcpy(answer->body, text, answer->length);
}

void handler_run(struct connection* connection) {
  struct evaluator* evaluator = &connection->system->evaluator;
  struct answer answer;
  lisp_enter(evaluator);
  struct cell* value = evaluate_handler(connection);
  if (value == NULL)
    set_error(&answer, evaluator->error);
  else if (!parse_answer(value, &answer))
    set_error(&answer, "bad answer\n");
  lisp_leave(evaluator);
  if (answer.delay_ms == 0 || !start_delay(connection, &answer))
    request_answer(connection, answer.status, answer.body, answer.length);
}
