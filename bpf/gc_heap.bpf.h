// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
//
// Pairing of a collection's request, begin and end: pure, compiled for the kernel and, for tests,
// for the host.
#ifndef VALKYRIA_BPF_GC_HEAP_H
#define VALKYRIA_BPF_GC_HEAP_H

#include <valkyria/abi/codes.h>
#include <valkyria/abi/gc.h>

#include "histogram.bpf.h"

// Losses as a set: what these functions return.
#define VALK_LOSS_BIT(loss) (1U << (loss))

// Several threads may ask for one cycle: the first one counts.
static inline void valk_gc_request(struct valk_gc_heap* heap, __u64 cycle, __u32 thread,
                                   __u64 now_ns) {
  if (heap->requested_ns != 0 && heap->requested_cycle == cycle) return;
  heap->requested_cycle = cycle;
  heap->requested_ns = now_ns;
  heap->requested_thread = thread;
}

// A heap of which nothing whole has been seen yet may have been collected when it was attached to.
static inline __u32 valk_gc_unseen(const struct valk_gc_heap* heap, enum valk_loss loss) {
  return VALK_LOSS_BIT(heap->ended_ns == 0 ? VALK_LOSS_ATTACHED_IN_THE_MIDDLE : loss);
}

static inline __u32 valk_gc_begin(struct valk_gc_heap* heap, __u64 cycle, __u64 now_ns) {
  __u32 losses = 0;

  if (heap->begun_ns != 0) losses |= VALK_LOSS_BIT(VALK_LOSS_GC_END_UNSEEN);
  heap->begun_requested_ns = 0;
  heap->begun_requested_thread = 0;
  if (heap->requested_ns != 0 && heap->requested_cycle == cycle && now_ns >= heap->requested_ns) {
    valk_observe(heap->safepoint, &heap->safepoint_sum_ns, now_ns - heap->requested_ns);
    heap->begun_requested_ns = heap->requested_ns;
    heap->begun_requested_thread = heap->requested_thread;
  } else {
    losses |= heap->begun_ns != 0 ? VALK_LOSS_BIT(VALK_LOSS_GC_REQUEST_UNSEEN)
                                  : valk_gc_unseen(heap, VALK_LOSS_GC_REQUEST_UNSEEN);
  }
  heap->requested_ns = 0;
  heap->begun_cycle = cycle;
  heap->begun_ns = now_ns;
  return losses;
}

// The collection is counted in any case.
static inline __u32 valk_gc_end(struct valk_gc_heap* heap, __u64 cycle, __u64 now_ns) {
  __u32 losses = valk_gc_unseen(heap, VALK_LOSS_GC_BEGIN_UNSEEN);

  __sync_fetch_and_add(&heap->cycles, 1);
  if (heap->begun_ns != 0 && heap->begun_cycle == cycle && now_ns >= heap->begun_ns) {
    __u64 pause_ns = now_ns - heap->begun_ns;

    valk_observe(heap->pause, &heap->pause_sum_ns, pause_ns);
    if (pause_ns > heap->pause_max_ns) heap->pause_max_ns = pause_ns;
    losses = 0;
  }
  heap->begun_ns = 0;
  heap->ended_ns = now_ns;
  return losses;
}

// Function probes: a collection is one call. The counts go to one entry for the whole process.
// `begun_ns` 0: unknown. Returns the losses.
static inline __u32 valk_gc_count_call(struct valk_gc_heap* heap, __u64 begun_ns,
                                       __u64 reclaimed_bytes, __u64 now_ns) {
  __u64 pause_ns = now_ns - begun_ns;

  heap->ended_ns = now_ns;
  __sync_fetch_and_add(&heap->cycles, 1);
  __sync_fetch_and_add(&heap->reclaimed_bytes, reclaimed_bytes);
  if (begun_ns == 0) return VALK_LOSS_BIT(VALK_LOSS_GC_BEGIN_UNSEEN);
  valk_observe(heap->pause, &heap->pause_sum_ns, pause_ns);
  if (pause_ns > heap->pause_max_ns) heap->pause_max_ns = pause_ns;
  return 0;
}

// The same where several threads may ask for a collection and all take part in it: the thread whose
// request is granted marks and returns the bytes that it reclaimed, and the others return 0. So
// nothing is known before the return. A collection that reclaims nothing looks like a refused
// request, and is not counted.
static inline __u32 valk_gc_count_granted(struct valk_gc_heap* heap,
                                          const struct valk_gc_call* call, __u64 reclaimed_bytes,
                                          __u64 now_ns) {
  if (reclaimed_bytes == 0) return 0;
  if (call->called_ns != 0 && call->begun_ns >= call->called_ns)
    valk_observe(heap->safepoint, &heap->safepoint_sum_ns, call->begun_ns - call->called_ns);
  return valk_gc_count_call(heap, call->begun_ns, reclaimed_bytes, now_ns);
}

#endif
