// SPDX-License-Identifier: BSD-2-Clause
//
// A heap of fixed size, shared by all Lisp threads, and its stop-the-world mark-and-sweep
// collector.
//
// Allocating never collects: it only asks for a collection. Collections happen when all Lisp
// threads stand at safe points (each step of the evaluator, and everywhere outside of Lisp), where
// everything alive is reachable from a frame, an operand, a symbol or a pin. So builtins may hold
// cells in C variables freely, as long as they don't evaluate anything.
#ifndef MINIVALK_HEAP_H
#define MINIVALK_HEAP_H

#include <pthread.h>
#include <stddef.h>
#include <sys/types.h>

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

// One Lisp thread, as the heap sees it: its own supply of free cells, and its roots. Others look at
// it only while it is not running.
struct mutator {
  pid_t thread;  // kernel thread id
  bool running;  // in Lisp and not stopped at a safe point
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
  pthread_mutex_t lock;  // guards the free list, the mutators, the pins and the stopping
  pthread_cond_t world_goes_on;
  struct cell* free_cells;
  size_t free_cell_count;
  struct cell** mark_stack;  // as long as the heap, so it can't overflow
  size_t mark_count;
  struct mutator* mutators[MUTATORS_MAX];
  size_t mutator_count;
  size_t running_count;
  struct cell* pins[PINS_MAX];
  _Atomic uint32_t stop_requested;
  uint32_t request_reason;
  uint64_t request_cycle;
  uint64_t requested_at_ns;
  bool exhausted;  // even the last collection freed too little
};

bool heap_create(struct heap* heap, struct symbol_table* symbols, struct gc_counters* counters);
void heap_destroy(struct heap* heap);

// The mutator belongs to the calling thread until another one adopts it.
bool heap_add_mutator(struct heap* heap, struct mutator* mutator);
void heap_adopt_mutator(struct heap* heap, struct mutator* mutator);
void heap_remove_mutator(struct heap* heap, struct mutator* mutator);

// NULL when the heap is full. The cell's contents are zero.
struct cell* heap_allocate(struct heap* heap, struct mutator* mutator, enum cell_type type);

// Keeps a cell alive across turns of the loop. -1: all pins are taken.
int heap_pin(struct heap* heap, struct cell* cell);
struct cell* heap_unpin(struct heap* heap, int pin);

// A thread touches cells only between these two; outside of them it stands at a safe point, as in
// the wait of its loop. Entering waits while a collection is asked for or under way.
void heap_enter(struct heap* heap, struct mutator* mutator);
void heap_leave(struct heap* heap, struct mutator* mutator);

// Asks for a collection, to be called inside of Lisp; the first asker counts and later ones join.
// Returns the collection's cycle. It happens once all threads have stopped at a safe point, in the
// one that stopped last.
uint64_t heap_request_collection(struct heap* heap, enum valkyria_gc_reason reason);

// False: even after a collection the heap is full, so the evaluation must end.
bool heap_stop(struct heap* heap, struct mutator* mutator);

static inline bool heap_safe_point(struct heap* heap, struct mutator* mutator) {
  if (__builtin_expect(!atomic_load_explicit(&heap->stop_requested, memory_order_acquire), 1))
    return true;
  return heap_stop(heap, mutator);
}

// Only for world.c: marks and sweeps, with the lock held and nobody running.
void heap_collect(struct heap* heap);

// Only for heap.c and collect.c: links every cell that is not in use.
void heap_add_free(struct heap* heap, struct cell* cell);

#endif  // MINIVALK_HEAP_H
