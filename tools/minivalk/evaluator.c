// SPDX-License-Identifier: BSD-2-Clause
#include "evaluator.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

bool evaluator_create(struct evaluator* evaluator, struct heap* heap, struct symbol_table* symbols,
                      struct vm_counters* counters) {
  memset(evaluator, 0, sizeof(*evaluator));
  evaluator->id = next_id();
  evaluator->heap = heap;
  evaluator->symbols = symbols;
  evaluator->counters = counters;
  return heap_add_mutator(heap, &evaluator->mutator);
}

void evaluator_destroy(struct evaluator* evaluator) {
  heap_remove_mutator(evaluator->heap, &evaluator->mutator);
}

void* fail(struct evaluator* evaluator, const char* format, ...) {
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(evaluator->error, sizeof(evaluator->error), format, arguments);
  va_end(arguments);
  return NULL;
}

struct cell* make_cell(struct evaluator* evaluator, enum cell_type type) {
  struct cell* cell = heap_allocate(evaluator->heap, &evaluator->mutator, type);
  return cell != NULL ? cell : fail(evaluator, "heap exhausted");
}

struct cell* make_integer(struct evaluator* evaluator, int64_t value) {
  struct cell* cell = make_cell(evaluator, CELL_INTEGER);
  if (cell != NULL) cell->integer = value;
  return cell;
}

struct cell* make_pair(struct evaluator* evaluator, struct cell* head, struct cell* tail) {
  struct cell* cell = make_cell(evaluator, CELL_PAIR);
  if (cell == NULL) return NULL;
  cell->pair.head = head;
  cell->pair.tail = tail;
  return cell;
}

struct cell* make_truth(struct evaluator* evaluator, bool value) {
  return value ? &evaluator->heap->yes : &evaluator->heap->no;
}

void lisp_enter(struct evaluator* evaluator) {
  heap_enter(evaluator->heap, &evaluator->mutator);
}

void lisp_leave(struct evaluator* evaluator) {
  heap_leave(evaluator->heap, &evaluator->mutator);
}

bool push_operand(struct evaluator* evaluator, struct cell* cell) {
  struct mutator* mutator = &evaluator->mutator;
  if (mutator->operand_count == OPERANDS_MAX) {
    fail(evaluator, "too many operands");
    return false;
  }
  mutator->operands[mutator->operand_count++] = cell;
  return true;
}
