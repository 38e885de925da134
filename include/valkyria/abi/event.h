// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
//
// Ring buffer "events": what the groups gc and loop tell one by one, beside their sums. Nobody is
// woken by it: the exporter looks every tenth of a second.
#ifndef VALKYRIA_ABI_EVENT_H
#define VALKYRIA_ABI_EVENT_H

#include <linux/types.h>
#include <valkyria/abi/assert.h>

enum valk_event_kind {
  VALK_EVENT_COLLECTION,  // one has ended: all that is known of it
  VALK_EVENT_ARRIVAL,     // a thread has reached its safe point for one
  VALK_EVENT_STALL,       // a turn of an event loop was long
};

// What a kind does not tell is 0. Written by the programs, read by the exporter. Times are of
// CLOCK_MONOTONIC, threads as the kernel numbers them for all of the machine.
struct valk_event {
  __u32 kind;
  __u32 slot;
  __u64 time_ns;  // when it fired: the end of a collection or of a stall
  __u64 subject;  // the runtime's id of the heap; of a stall, of the system
  __u64 cycle;
  __u64 requested_ns;  // 0: not known
  __u64 begun_ns;      // 0: not known
  __u64 used_before_bytes;
  __u64 used_after_bytes;
  __u64 total_bytes;
  __u64 reclaimed_bytes;
  __u64 trigger_bytes;
  __u64 busy_ns;           // of a stall
  __u32 thread;            // whose probe fired; of an arrival, who arrived, as the runtime says
  __u32 requested_thread;  // who asked for the collection; 0: not known
  __u16 reason;            // enum valkyria_gc_reason of <valkyria/probes.h>
  __u8 world_stopped;      // 1: no other Lisp thread went on; 2: they did; 0: not known
  __u8 tells;              // VALK_TELLS_*: which of the sizes are known
  __u32 pad;
};
VALK_ASSERT_SIZE(valk_event, 112);

#define VALK_TELLS_USE 1     // used_before_bytes, used_after_bytes
#define VALK_TELLS_LIVE 2    // used_after_bytes alone
#define VALK_TELLS_LIMITS 4  // total_bytes, trigger_bytes
#define VALK_TELLS_CYCLE 8   // cycle is the runtime's own number

// Map "pauses", an array by slot: the last times that the world stood still, so that a request
// that ends can be told how much of it was that. Written by gc__end; `requests` by request__end.
#define VALK_RECENT_PAUSES 8

struct valk_pause {
  __u64 begun_ns;
  __u64 ended_ns;
  __u64 heap;
  __u64 cycle;
  __u64 requests;  // that were under way in it and have ended
};

struct valk_pauses {
  __u64 count;          // so far; the newest stands at (count - 1) % VALK_RECENT_PAUSES
  __u64 last_ended_ns;  // a request that began after that has nothing to do with any
  __u64 concurrent;     // collections that stopped nobody
  struct valk_pause recent[VALK_RECENT_PAUSES];
};
VALK_ASSERT_SIZE(valk_pauses, 8 * (3 + 5 * VALK_RECENT_PAUSES));

#endif
