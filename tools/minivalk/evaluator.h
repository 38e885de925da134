// SPDX-License-Identifier: BSD-2-Clause
//
// A Lisp thread. Everything that an evaluation needs is in here and passed on explicitly; functions
// that can fail return NULL and leave the reason in `error`.
#ifndef MINIVALK_EVALUATOR_H
#define MINIVALK_EVALUATOR_H

#include "heap.h"
#include "symbols.h"

#define EVAL_DEPTH_MAX 3000
#define ERROR_BYTES_MAX 256

struct minivalk;
struct system;
struct http_request;

struct evaluator {
  uint64_t id;
  struct heap* heap;
  struct symbol_table* symbols;
  struct vm_counters* counters;
  struct mutator mutator;
  struct minivalk* minivalk;
  struct system* system;               // whose loop this evaluator runs on
  const struct http_request* request;  // the one being handled, NULL: none
  uint64_t evals_done;
  uint32_t depth;
  uint32_t times_exhausted;  // in the running outermost evaluation
  char error[ERROR_BYTES_MAX];
};

typedef struct cell* (*builtin_function)(struct evaluator* evaluator, struct cell** arguments,
                                         size_t count);

struct builtin {
  const char* name;
  builtin_function function;
  uint32_t arguments_min;
  uint32_t arguments_max;
};

#define ARGUMENTS_ANY UINT32_MAX

bool evaluator_create(struct evaluator* evaluator, struct heap* heap, struct symbol_table* symbols,
                      struct vm_counters* counters);
void evaluator_destroy(struct evaluator* evaluator);

// Both return NULL on failure; fail() always.
struct cell* make_cell(struct evaluator* evaluator, enum cell_type type);
void* fail(struct evaluator* evaluator, const char* format, ...)
    __attribute__((format(printf, 2, 3)));

struct cell* make_integer(struct evaluator* evaluator, int64_t value);
struct cell* make_pair(struct evaluator* evaluator, struct cell* head, struct cell* tail);
struct cell* make_truth(struct evaluator* evaluator, bool value);

// Around everything that touches cells: see heap_enter.
void lisp_enter(struct evaluator* evaluator);
void lisp_leave(struct evaluator* evaluator);

bool push_operand(struct evaluator* evaluator, struct cell* cell);

// Stops for a collection at any step, so cells that the caller wants to keep must be rooted.
struct cell* evaluate(struct evaluator* evaluator, struct cell* expression, struct cell* scope);

#endif  // MINIVALK_EVALUATOR_H
