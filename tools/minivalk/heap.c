// SPDX-License-Identifier: BSD-2-Clause
#define _GNU_SOURCE
#include "heap.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define SUPPLY_CELLS 64  // a mutator takes this many cells at a time

bool heap_create(struct heap* heap, struct symbol_table* symbols, struct gc_counters* counters) {
  memset(heap, 0, sizeof(*heap));
  heap->id = next_id();
  heap->symbols = symbols;
  heap->counters = counters;
  heap->nil.type = CELL_NIL;
  heap->yes.type = CELL_TRUE;
  heap->no.type = CELL_FALSE;
  heap->cell_count = HEAP_BYTES / sizeof(struct cell);
  heap->mark_stack = malloc(heap->cell_count * sizeof(struct cell*));
  if (heap->mark_stack == NULL) return false;
  heap->cells = mmap(NULL, HEAP_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (heap->cells == MAP_FAILED) {
    free(heap->mark_stack);
    return false;
  }
  pthread_mutex_init(&heap->lock, NULL);
  pthread_cond_init(&heap->world_goes_on, NULL);
  for (size_t i = heap->cell_count; i > 0; --i) {
    heap->cells[i - 1].guard = CELL_GUARD;
    heap_add_free(heap, &heap->cells[i - 1]);
  }
  count_set(&counters->heap_total_bytes, HEAP_BYTES);
  count_set(&counters->trigger_bytes, HEAP_BYTES / 4 * 3);
  return true;
}

void heap_destroy(struct heap* heap) {
  munmap(heap->cells, HEAP_BYTES);
  free(heap->mark_stack);
  pthread_cond_destroy(&heap->world_goes_on);
  pthread_mutex_destroy(&heap->lock);
}

bool heap_add_mutator(struct heap* heap, struct mutator* mutator) {
  mutator->operands = calloc(OPERANDS_MAX, sizeof(struct cell*));
  if (mutator->operands == NULL) return false;
  pthread_mutex_lock(&heap->lock);
  mutator->thread = gettid();
  bool added = heap->mutator_count < MUTATORS_MAX;
  if (added) heap->mutators[heap->mutator_count++] = mutator;
  pthread_mutex_unlock(&heap->lock);
  if (!added) free(mutator->operands);
  return added;
}

void heap_adopt_mutator(struct heap* heap, struct mutator* mutator) {
  pthread_mutex_lock(&heap->lock);
  mutator->thread = gettid();
  pthread_mutex_unlock(&heap->lock);
}

void heap_remove_mutator(struct heap* heap, struct mutator* mutator) {
  pthread_mutex_lock(&heap->lock);
  for (size_t i = 0; i < heap->mutator_count; ++i) {
    if (heap->mutators[i] == mutator) heap->mutators[i] = heap->mutators[--heap->mutator_count];
  }
  pthread_mutex_unlock(&heap->lock);
  free(mutator->operands);
  mutator->operands = NULL;
}

void heap_add_free(struct heap* heap, struct cell* cell) {
  cell->type = CELL_FREE;
  cell->next_free = heap->free_cells;
  heap->free_cells = cell;
  ++heap->free_cell_count;
}

// Moves up to SUPPLY_CELLS cells from the shared free list to the mutator's own.
static void refill(struct heap* heap, struct mutator* mutator) {
  pthread_mutex_lock(&heap->lock);
  struct cell* last = NULL;
  struct cell* cell = heap->free_cells;
  size_t taken = 0;
  for (; cell != NULL && taken < SUPPLY_CELLS; ++taken) {
    last = cell;
    cell = cell->next_free;
  }
  if (last != NULL) {
    mutator->cells = heap->free_cells;
    last->next_free = NULL;
    heap->free_cells = cell;
    heap->free_cell_count -= taken;
  }
  size_t left = heap->free_cell_count;
  pthread_mutex_unlock(&heap->lock);
  if (left < HEAP_RESERVE_CELLS)
    heap_request_collection(heap, VALKYRIA_GC_EMERGENCY);
  else if (count_read(&heap->counters->heap_used_bytes) >=
           count_read(&heap->counters->trigger_bytes))
    heap_request_collection(heap, VALKYRIA_GC_THRESHOLD);
}

struct cell* heap_allocate(struct heap* heap, struct mutator* mutator, enum cell_type type) {
  if (mutator->cells == NULL) refill(heap, mutator);
  struct cell* cell = mutator->cells;
  if (cell == NULL) {
    count_add(&heap->counters->exhausted_total, 1);
    return NULL;
  }
  if (cell->type != CELL_FREE || cell->guard != CELL_GUARD) {
    fprintf(stderr, "minivalk: heap damaged: a free cell is of type %u\n", cell->type);
    abort();
  }
  mutator->cells = cell->next_free;
  memset(cell, 0, sizeof(*cell));
  cell->guard = CELL_GUARD;
  cell->type = (uint8_t)type;
  uint64_t used = atomic_fetch_add_explicit(&heap->counters->heap_used_bytes, sizeof(*cell),
                                            memory_order_relaxed);
  count_raise(&heap->counters->heap_peak_bytes, used + sizeof(*cell));
  return cell;
}

int heap_pin(struct heap* heap, struct cell* cell) {
  int pin = -1;
  pthread_mutex_lock(&heap->lock);
  for (int i = 0; i < PINS_MAX && pin < 0; ++i) {
    if (heap->pins[i] == NULL) pin = i;
  }
  if (pin >= 0) heap->pins[pin] = cell;
  pthread_mutex_unlock(&heap->lock);
  return pin;
}

struct cell* heap_unpin(struct heap* heap, int pin) {
  pthread_mutex_lock(&heap->lock);
  struct cell* cell = heap->pins[pin];
  heap->pins[pin] = NULL;
  pthread_mutex_unlock(&heap->lock);
  return cell;
}
