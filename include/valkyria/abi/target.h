// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
//
// Who is watched, and the counters that every group shares.
#ifndef VALKYRIA_ABI_TARGET_H
#define VALKYRIA_ABI_TARGET_H

#include <linux/types.h>
#include <valkyria/abi/assert.h>
#include <valkyria/abi/codes.h>
#include <valkyria/abi/limits.h>

// Map "targets", an array: slot to this. Written by the agent, read by the programs, which look
// through it from slot 0 on: with a target or two that is cheaper than a hash. Where the kernel
// filters by process itself (one --pid) everybody is slot 0, and the map only serves to count
// execs.
struct valk_target {
  __u32 pid;    // tgid, as the initial pid namespace sees it; 0: nobody
  __u32 execs;  // written by the programs: execs since the agent wrote the entry
};
VALK_ASSERT_SIZE(valk_target, 8);

// Map "counters", an mmapped array: slot to this. Slot VALK_MAX_TARGETS counts the hits of
// processes that run the same binary but are not watched. Written by the programs with atomic
// adds.
struct valk_counters {
  __u64 hits[VALK_PROBES];
  __u64 lost[VALK_LOSSES];
};
VALK_ASSERT_SIZE(valk_counters, 8 * VALK_PROBES + 8 * VALK_LOSSES);

#define VALK_UNWATCHED_SLOT VALK_MAX_TARGETS
#define VALK_SLOTS (VALK_MAX_TARGETS + 1)

#endif
