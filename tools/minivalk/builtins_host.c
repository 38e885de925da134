// SPDX-License-Identifier: BSD-2-Clause
//
// What Lisp can ask of the process around it. All arguments come from clients, so all are bounded.
#define _GNU_SOURCE
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "builtins.h"
#include "http_parser.h"
#include "lisp_text.h"
#include "minivalk.h"
#include "tasks.h"

#define DELAY_MS_MAX 60000
#define BLOCK_MS_MAX 5000
#define OPERATIONS_MAX 10000
#define VALUE_BYTES_MAX 128

static bool expect_number(struct evaluator* evaluator, const char* who, const struct cell* argument,
                          int64_t most) {
  if (!expect(evaluator, who, argument, CELL_INTEGER)) return false;
  if (argument->integer >= 0 && argument->integer <= most) return true;
  fail(evaluator, "%s: 0 to %" PRId64, who, most);
  return false;
}

// False: the request's query has no such value.
static bool query_value(struct evaluator* evaluator, const struct cell* name, char* value) {
  char name_bytes[NAME_BYTES_MAX];
  return evaluator->request != NULL &&
         text_copy(name, name_bytes, sizeof(name_bytes)) < sizeof(name_bytes) &&
         http_query_value(evaluator->request, name_bytes, value, VALUE_BYTES_MAX);
}

// (query name default): an integer, #f if the value is no number.
static struct cell* builtin_query(struct evaluator* evaluator, struct cell** arguments,
                                  size_t count) {
  (void)count;
  char value[VALUE_BYTES_MAX];
  if (!expect(evaluator, "query", arguments[0], CELL_TEXT)) return NULL;
  if (!query_value(evaluator, arguments[0], value)) return arguments[1];
  size_t length = strlen(value);
  if (length == 0 || length > 18 || strspn(value, "0123456789") != length)
    return make_truth(evaluator, false);
  return make_integer(evaluator, strtoll(value, NULL, 10));
}

// (query-text name default)
static struct cell* builtin_query_text(struct evaluator* evaluator, struct cell** arguments,
                                       size_t count) {
  (void)count;
  char value[VALUE_BYTES_MAX];
  if (!expect(evaluator, "query-text", arguments[0], CELL_TEXT)) return NULL;
  if (!query_value(evaluator, arguments[0], value)) return arguments[1];
  return make_text(evaluator, value, strlen(value));
}

// (gc): at the next safe point, which is the next step of the evaluation.
static struct cell* builtin_gc(struct evaluator* evaluator, struct cell** arguments, size_t count) {
  (void)arguments;
  (void)count;
  heap_request_collection(evaluator->heap, VALKYRIA_GC_EXPLICIT);
  return &evaluator->heap->nil;
}

// (block-loop ms): the whole loop waits.
static struct cell* builtin_block_loop(struct evaluator* evaluator, struct cell** arguments,
                                       size_t count) {
  (void)count;
  if (!expect_number(evaluator, "block-loop", arguments[0], BLOCK_MS_MAX)) return NULL;
  struct timespec wait = {.tv_sec = arguments[0]->integer / 1000,
                          .tv_nsec = arguments[0]->integer % 1000 * 1000000};
  while (nanosleep(&wait, &wait) != 0) {
  }
  return arguments[0];
}

static struct cell* start_task(struct evaluator* evaluator, const char* who,
                               enum valkyria_eval_kind kind, int64_t delay_ms,
                               struct cell* function) {
  if (!expect(evaluator, who, function, CELL_CLOSURE)) return NULL;
  bool started = task_start(evaluator, kind, (uint64_t)delay_ms, function);
  return started ? &evaluator->heap->nil : NULL;
}

// (after ms function)
static struct cell* builtin_after(struct evaluator* evaluator, struct cell** arguments,
                                  size_t count) {
  (void)count;
  if (!expect_number(evaluator, "after", arguments[0], DELAY_MS_MAX)) return NULL;
  return start_task(evaluator, "after", VALKYRIA_EVAL_TIMER, arguments[0]->integer, arguments[1]);
}

// (later function): in the next turn of the loop.
static struct cell* builtin_later(struct evaluator* evaluator, struct cell** arguments,
                                  size_t count) {
  (void)count;
  return start_task(evaluator, "later", VALKYRIA_EVAL_TASK, 0, arguments[0]);
}

// (client-operate name type count): #f for a bad name; an empty type is found by the name.
static struct cell* builtin_client_operate(struct evaluator* evaluator, struct cell** arguments,
                                           size_t count) {
  (void)count;
  char name[VALUE_BYTES_MAX];
  char type[VALUE_BYTES_MAX];
  if (!expect(evaluator, "client-operate", arguments[0], CELL_TEXT) ||
      !expect(evaluator, "client-operate", arguments[1], CELL_TEXT) ||
      !expect_number(evaluator, "client-operate", arguments[2], OPERATIONS_MAX))
    return NULL;
  text_copy(arguments[0], name, sizeof(name));
  text_copy(arguments[1], type, sizeof(type));
  struct client* client =
      client_named(&evaluator->minivalk->clients, evaluator->system, name, type);
  if (client == NULL) return make_truth(evaluator, false);
  for (int64_t i = 0; i < arguments[2]->integer; ++i) client_operate(client);
  return arguments[2];
}

static const struct builtin LIST[] = {{"query", builtin_query, 2, 2},
                                      {"query-text", builtin_query_text, 2, 2},
                                      {"gc", builtin_gc, 0, 0},
                                      {"block-loop", builtin_block_loop, 1, 1},
                                      {"after", builtin_after, 2, 2},
                                      {"later", builtin_later, 1, 1},
                                      {"client-operate", builtin_client_operate, 3, 3}};

const struct builtin_list BUILTINS_HOST = {LIST, sizeof(LIST) / sizeof(LIST[0])};
