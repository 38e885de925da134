// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
//
// How much of a request lay inside pauses: pure, compiled for the kernel and, for tests, for the
// host.
#ifndef VALKYRIA_BPF_PAUSES_H
#define VALKYRIA_BPF_PAUSES_H

#include <valkyria/abi/event.h>
#include <valkyria/abi/http.h>

static inline void valk_note_pause(struct valk_pauses* pauses, const struct valk_pause* pause) {
  pauses->recent[pauses->count % VALK_RECENT_PAUSES] = *pause;
  pauses->count += 1;
  pauses->last_ended_ns = pause->ended_ns;
}

// The time that [begun_ns, ended_ns] and the recent pauses have in common. Each pause that has a
// part in it counts the request; `last` is where the last of these stands, if any. A request that
// is older than all recent pauses together is told too little, never too much.
static inline __u64 valk_time_in_pauses(struct valk_pauses* pauses, __u64 begun_ns, __u64 ended_ns,
                                        __u32* last) {
  __u64 sum_ns = 0, last_ended_ns = 0;

  if (begun_ns >= pauses->last_ended_ns) return 0;
  for (__u32 i = 0; i < VALK_RECENT_PAUSES; ++i) {
    struct valk_pause* pause = &pauses->recent[i];
    __u64 from_ns = pause->begun_ns > begun_ns ? pause->begun_ns : begun_ns;
    __u64 to_ns = pause->ended_ns < ended_ns ? pause->ended_ns : ended_ns;

    if (from_ns >= to_ns) continue;
    sum_ns += to_ns - from_ns;
    __sync_fetch_and_add(&pause->requests, 1);
    if (pause->ended_ns < last_ended_ns) continue;
    last_ended_ns = pause->ended_ns;
    *last = i;
  }
  return sum_ns;
}

static inline void valk_note_paused(struct valk_paused_request* note,
                                    const struct valk_pause* pause, __u64 duration_ns,
                                    __u64 ended_ns) {
  __u64 written = note->written;

  if (__sync_fetch_and_add(&note->begun, 1) == written) {
    note->duration_ns = duration_ns;
    note->ended_ns = ended_ns;
    note->heap = pause->heap;
    note->cycle = pause->cycle;
  }
  __sync_fetch_and_add(&note->written, 1);
}

#endif
