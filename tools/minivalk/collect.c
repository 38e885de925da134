// SPDX-License-Identifier: BSD-2-Clause
//
// The collector: mark, sweep. Every collection counts all cells twice, once
// before and once after, and compares that with the running counters: damage done to the heap from
// outside, or a lost count, ends the process loudly.
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "clock.h"
#include "heap.h"
#include "symbols.h"

static void mark(struct heap* heap, struct cell* cell) {
  if (cell == NULL || cell->marked) return;
  if (cell->type == CELL_FREE) {
    fprintf(stderr, "minivalk: heap damaged: a free cell is still in use\n");
    abort();
  }
  if (cell->type <= CELL_FALSE) return;  // these three stand outside of the heap
  cell->marked = 1;
  heap->mark_stack[heap->mark_count++] = cell;
}

static void mark_children(struct heap* heap, struct cell* cell) {
  switch ((enum cell_type)cell->type) {
    case CELL_FREE:
    case CELL_NIL:
    case CELL_TRUE:
    case CELL_FALSE:
    case CELL_INTEGER:
    case CELL_BUILTIN:
      break;
    case CELL_SYMBOL:
      mark(heap, slot_read(&cell->symbol.global));
      break;
    case CELL_TEXT:
      mark(heap, cell->chunks);
      break;
    case CELL_CHUNK:
      mark(heap, cell->chunk.next);
      break;
    case CELL_PAIR:
      mark(heap, cell->pair.head);
      mark(heap, cell->pair.tail);
      break;
    case CELL_CLOSURE:
      mark(heap, cell->closure.parameters);
      mark(heap, cell->closure.body);
      mark(heap, cell->closure.scope);
      break;
    case CELL_SCOPE:
      mark(heap, slot_read(&cell->scope.bindings));
      mark(heap, cell->scope.parent);
      break;
    case CELL_BINDING:
      mark(heap, cell->binding.symbol);
      mark(heap, slot_read(&cell->binding.value));
      mark(heap, cell->binding.next);
      break;
  }
}

static void mark_roots(struct heap* heap) {
  for (uint32_t i = 0; i < heap->symbols->count; ++i) mark(heap, heap->symbols->cells[i]);
  for (size_t i = 0; i < PINS_MAX; ++i) mark(heap, heap->pins[i]);
  for (size_t i = 0; i < heap->mutator_count; ++i) {
    struct mutator* mutator = heap->mutators[i];
    for (struct frame* frame = mutator->frames; frame != NULL; frame = frame->caller) {
      mark(heap, frame->expression);
      mark(heap, frame->scope);
    }
    for (size_t j = 0; j < mutator->operand_count; ++j) mark(heap, mutator->operands[j]);
  }
}

static uint64_t mark_all(struct heap* heap) {
  uint64_t marked = 0;
  heap->mark_count = 0;
  mark_roots(heap);
  while (heap->mark_count > 0) {
    ++marked;
    mark_children(heap, heap->mark_stack[--heap->mark_count]);
  }
  return marked;
}

// Returns how many cells were in use before the sweep.
static uint64_t sweep(struct heap* heap) {
  uint64_t used = 0;
  uint64_t damaged = 0;
  for (size_t i = 0; i < heap->mutator_count; ++i) heap->mutators[i]->cells = NULL;
  heap->free_cells = NULL;
  heap->free_cell_count = 0;
  for (size_t i = heap->cell_count; i > 0; --i) {
    struct cell* cell = &heap->cells[i - 1];
    damaged += cell->guard != CELL_GUARD || cell->type > CELL_BINDING;
    used += cell->type != CELL_FREE;
    if (cell->marked)
      cell->marked = 0;
    else
      heap_add_free(heap, cell);
  }
  if (damaged != 0) {
    fprintf(stderr, "minivalk: heap damaged: %" PRIu64 " cells overwritten\n", damaged);
    abort();
  }
  return used;
}

static void check_cells(struct heap* heap, uint64_t used_before, uint64_t live) {
  uint64_t counted = count_read(&heap->counters->heap_used_bytes) / sizeof(struct cell);
  if (used_before == counted && live + heap->free_cell_count == heap->cell_count) return;
  fprintf(stderr,
          "minivalk: heap damaged: %" PRIu64 " cells in use, %" PRIu64 " counted; %" PRIu64
          " live + %zu free of %zu\n",
          used_before, counted, live, heap->free_cell_count, heap->cell_count);
  abort();
}

static void count_collection(struct heap* heap, uint64_t pause_ns, uint64_t safepoint_ns,
                             uint64_t live_bytes) {
  struct gc_counters* counters = heap->counters;
  uint64_t used_bytes = count_read(&counters->heap_used_bytes);
  count_add(&counters->cycles_total, 1);
  count_add(&counters->pause_ns_total, pause_ns);
  count_raise(&counters->pause_ns_max, pause_ns);
  count_add(&counters->reclaimed_bytes_total, used_bytes - live_bytes);
  count_set(&counters->heap_used_bytes, live_bytes);
  count_set(&counters->heap_live_bytes, live_bytes);
  count_set(&counters->last_collection_unix_ns, clock_unix_ns());
  count_set(&counters->trigger_bytes, live_bytes + (HEAP_BYTES - live_bytes) / 4 * 3);
  histogram_observe(&counters->pause, &HISTOGRAM_OTHER, pause_ns);
  histogram_observe(&counters->time_to_safepoint, &HISTOGRAM_OTHER, safepoint_ns);
}

void heap_collect(struct heap* heap) {
  struct gc_counters* counters = heap->counters;
  uint64_t cycle = heap->request_cycle;
  uint64_t used_bytes = count_read(&counters->heap_used_bytes);
  uint64_t safepoint_ns = clock_elapsed_ns(heap->requested_at_ns, clock_now_ns());
  VALKYRIA_GC_BEGIN(heap->id, cycle, used_bytes, HEAP_BYTES, heap->request_reason, 1);
  // Both stamps stand inside of the probes, so that their cost is no part of the pause.
  uint64_t begin_ns = clock_now_ns();
  uint64_t live = mark_all(heap);
  check_cells(heap, sweep(heap), live);
  uint64_t pause_ns = clock_elapsed_ns(begin_ns, clock_now_ns());
  uint64_t live_bytes = live * sizeof(struct cell);
  heap->exhausted = heap->free_cell_count < HEAP_RESERVE_CELLS;
  count_collection(heap, pause_ns, safepoint_ns, live_bytes);
  VALKYRIA_GC_END(heap->id, cycle, live_bytes, HEAP_BYTES, used_bytes - live_bytes,
                  count_read(&counters->trigger_bytes));
}
