// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
//
// Who is watched, and the counters that every group shares.
#ifndef VALKYRIA_ABI_TARGET_H
#define VALKYRIA_ABI_TARGET_H

#include <linux/types.h>
#include <valkyria/abi/assert.h>
#include <valkyria/abi/codes.h>
#include <valkyria/abi/limits.h>

// Map "targets", a hash: pid to the slot of a watched process. Written by the exporter; read by
// bpf/process, which tells of execs and forks. The pid is the one that the exporter's own pid
// namespace knows.

// Map "counters", an mmapped array: slot to this. Written by the programs with atomic adds; the
// exporter zeroes `execs` before it gives a slot away.
struct valk_counters {
  __u64 execs;  // of the slot's process since it has the slot: then it runs another image
  __u64 hits[VALK_PROBES];
  __u64 lost[VALK_LOSSES];
};
VALK_ASSERT_SIZE(valk_counters, 8 * VALK_PROBES + 8 * VALK_LOSSES + 8);

// Ring buffer "process_events": what happened to processes, in order.
enum valk_process_event_kind {
  VALK_PROCESS_EXEC,    // `pid` runs another image now
  VALK_PROCESS_FORKED,  // a watched process has made `pid`, which runs the same image
  VALK_PROCESS_ENDED,   // a watched process: the last thread of `pid` has ended
};
struct valk_process_event {
  __u32 kind;
  __u32 pid;
  __u32 wait_status;  // of an end, as wait(2) gives it
  __u32 pad;
};
VALK_ASSERT_SIZE(valk_process_event, 16);

#endif
