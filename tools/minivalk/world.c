// SPDX-License-Identifier: BSD-2-Clause
//
// Stopping the world. A mutator is either running Lisp or stopped, and a collection begins when the
// last running one stops. A thread outside of Lisp counts as stopped: it can't enter before the
// collection is over. Everything here happens under the heap's lock, the probes too, so that their
// order is the true one: a request, one arrival of each thread, begin, end.
#include "clock.h"
#include "heap.h"

uint64_t heap_request_collection(struct heap* heap, enum valkyria_gc_reason reason) {
  pthread_mutex_lock(&heap->lock);
  if (!atomic_load_explicit(&heap->stop_requested, memory_order_relaxed)) {
    heap->request_reason = reason;
    heap->request_cycle = count_read(&heap->counters->cycles_total) + 1;
    heap->requested_at_ns = clock_now_ns();
    VALKYRIA_GC_REQUEST(heap->id, heap->request_cycle, heap->request_reason);
    for (size_t i = 0; i < heap->mutator_count; ++i) {
      const struct mutator* mutator = heap->mutators[i];
      if (!mutator->running) VALKYRIA_GC_ARRIVE(heap->id, heap->request_cycle, mutator->thread);
    }
    atomic_store_explicit(&heap->stop_requested, 1, memory_order_release);
  }
  uint64_t cycle = heap->request_cycle;
  pthread_mutex_unlock(&heap->lock);
  return cycle;
}

static void go_in(struct heap* heap, struct mutator* mutator) {
  while (atomic_load_explicit(&heap->stop_requested, memory_order_relaxed))
    pthread_cond_wait(&heap->world_goes_on, &heap->lock);
  mutator->running = true;
  ++heap->running_count;
}

static void go_out(struct heap* heap, struct mutator* mutator) {
  mutator->running = false;
  --heap->running_count;
  if (!atomic_load_explicit(&heap->stop_requested, memory_order_relaxed)) return;
  VALKYRIA_GC_ARRIVE(heap->id, heap->request_cycle, mutator->thread);
  if (heap->running_count > 0) return;
  heap_collect(heap);
  atomic_store_explicit(&heap->stop_requested, 0, memory_order_release);
  pthread_cond_broadcast(&heap->world_goes_on);
}

void heap_enter(struct heap* heap, struct mutator* mutator) {
  pthread_mutex_lock(&heap->lock);
  go_in(heap, mutator);
  pthread_mutex_unlock(&heap->lock);
}

void heap_leave(struct heap* heap, struct mutator* mutator) {
  pthread_mutex_lock(&heap->lock);
  go_out(heap, mutator);
  pthread_mutex_unlock(&heap->lock);
}

bool heap_stop(struct heap* heap, struct mutator* mutator) {
  pthread_mutex_lock(&heap->lock);
  go_out(heap, mutator);
  go_in(heap, mutator);
  bool exhausted = heap->exhausted;
  pthread_mutex_unlock(&heap->lock);
  return !exhausted;
}
