// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
//
// Map "gc_heaps": what the gc group keeps for each heap.
#ifndef VALKYRIA_ABI_GC_H
#define VALKYRIA_ABI_GC_H

#include <linux/types.h>
#include <valkyria/abi/assert.h>
#include <valkyria/abi/histogram.h>

struct valk_gc_heap_key {
  __u64 heap;  // the runtime's id; 0: of function probes, which know none
  __u32 slot;
  __u32 pad;
};
VALK_ASSERT_SIZE(valk_gc_heap_key, 16);

// Written by the programs. A runtime collects one heap once at a time, so begin and end of one
// entry never run side by side; requests may, so the histograms use atomic adds all the same.
struct valk_gc_heap {
  // Pairing. A stamp of 0 means "none open".
  __u64 requested_cycle;
  __u64 requested_ns;  // CLOCK_MONOTONIC
  __u64 begun_cycle;
  __u64 begun_ns;  // CLOCK_MONOTONIC
  // What is known of the one that has begun, for its event.
  __u64 begun_requested_ns;  // 0: nobody was seen to ask for it
  __u64 begun_used_bytes;
  __u32 requested_thread;
  __u32 begun_requested_thread;
  __u32 begun_reason;
  __u32 begun_world_stopped;  // as gc__begin says it: 0 or 1
  // Since attach.
  __u64 cycles;  // collections that ended
  __u64 reclaimed_bytes;
  __u64 pause_max_ns;
  __u64 pause_sum_ns;
  __u64 safepoint_sum_ns;
  // As of the last end.
  __u64 ended_ns;  // CLOCK_MONOTONIC; 0: there was none
  __u64 live_bytes;
  __u64 is_live_told;
  __u64 total_bytes;  // 0: not told
  __u64 trigger_bytes;
  __u64 pause[VALK_BUCKETS];
  __u64 safepoint[VALK_BUCKETS];
};
VALK_ASSERT_SIZE(valk_gc_heap, 8 * (18 + 2 * VALK_BUCKETS));

// Map "gc_calls": a call of a function that collects, until it returns. Least recently used go
// first, since not every call returns.
struct valk_gc_call_key {
  __u32 thread;  // tid
  __u32 slot;
};
VALK_ASSERT_SIZE(valk_gc_call_key, 8);

struct valk_gc_call {
  __u64 called_ns;  // CLOCK_MONOTONIC, like the next
  __u64 begun_ns;   // 0: not yet
  __u64 heap;       // the function's argument: where the heap is
};
VALK_ASSERT_SIZE(valk_gc_call, 24);

// Map "gc_places", an array by slot. Written by the exporter, once it knows the program's layout.
struct valk_gc_place {
  __u64 is_known;
  __u64 use_offset;  // of a heap's use in bytes, 8 bytes wide, from where the heap is
};
VALK_ASSERT_SIZE(valk_gc_place, 16);

#endif
