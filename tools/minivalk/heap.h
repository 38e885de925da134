// SPDX-License-Identifier: BSD-2-Clause
//
// A heap of fixed size, shared by all Lisp threads, and its stop-the-world mark-and-sweep
// collector.
//
// Allocating never collects: it only asks for a collection. Collections happen at safe points
// (each step of the evaluator, and between evaluations), where everything alive is reachable from
// a frame, an operand, a symbol or a pin. So builtins may hold cells in C variables freely, as
// long as they don't evaluate anything.
#ifndef MINIVALK_HEAP_H
#define MINIVALK_HEAP_H

#include <pthread.h>
#include <stddef.h>

#include "cell.h"
#include "counters.h"

#define HEAP_BYTES (16U << 20)
#define HEAP_RESERVE_CELLS 8192  // below this many free cells a collection is an emergency
#define MUTATORS_MAX SYSTEMS_MAX
#define OPERANDS_MAX 65536
#define PINS_MAX 256

struct symbol_table;

// What one activation of the evaluator keeps alive.
struct frame {
  struct frame* caller;
  struct cell* expression;
  struct cell* scope;
  const char* function;  // name of the running closure, NULL: none or nameless
};

// One Lisp thread, as the heap sees it: its own supply of free cells, and its roots.
struct mutator {
  struct cell* cells;
  struct frame* frames;
  struct cell** operands;
  size_t operand_count;
};

struct heap {
  uint64_t id;
  struct gc_counters* counters;
  struct symbol_table* symbols;
  struct cell* cells;
  size_t cell_count;
  struct cell nil;
  struct cell yes;
  struct cell no;
  pthread_mutex_t lock;  // guards the free list, the mutators and the pins
  struct cell* free_cells;
  size_t free_cell_count;
  struct cell** mark_stack;  // as long as the heap, so it can't overflow
  size_t mark_count;
  struct mutator* mutators[MUTATORS_MAX];
  size_t mutator_count;
  struct cell* pins[PINS_MAX];
  _Atomic uint32_t stop_requested;
  uint32_t request_reason;
  uint64_t request_cycle;
  uint64_t requested_at_ns;
};

bool heap_create(struct heap* heap, struct symbol_table* symbols, struct gc_counters* counters);
void heap_destroy(struct heap* heap);

bool heap_add_mutator(struct heap* heap, struct mutator* mutator);
void heap_remove_mutator(struct heap* heap, struct mutator* mutator);

// NULL when the heap is full. The cell's contents are zero.
struct cell* heap_allocate(struct heap* heap, struct mutator* mutator, enum cell_type type);

// Keeps a cell alive across turns of the loop. -1: all pins are taken.
int heap_pin(struct heap* heap, struct cell* cell);
struct cell* heap_unpin(struct heap* heap, int pin);

// Asks for a collection at the next safe point; the first asker counts.
void heap_request_collection(struct heap* heap, enum valkyria_gc_reason reason);

void heap_collect_now(struct heap* heap);

// False: even after an emergency collection the heap is full, so the evaluation must end.
static inline bool heap_safe_point(struct heap* heap) {
  if (__builtin_expect(!atomic_load_explicit(&heap->stop_requested, memory_order_acquire), 1))
    return true;
  heap_collect_now(heap);
  return heap->free_cell_count >= HEAP_RESERVE_CELLS;
}

// Only for heap.c and collect.c: links every cell that is not in use.
void heap_add_free(struct heap* heap, struct cell* cell);

#endif  // MINIVALK_HEAP_H
