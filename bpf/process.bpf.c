// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
//
// Always loaded: tells the agent of execs as they happen. An exec keeps the pid and the start time,
// but the new image knows none of the old ids, and links to the old image may be dead.
#include "process_events.bpf.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

SEC("raw_tp/sched_process_exec")
int process_exec(void* ctx) {
  __u32 pid = own_pid(), *slot;
  struct valk_counters* own;

  (void)ctx;
  if (pid == 0) return 0;
  slot = bpf_map_lookup_elem(&targets, &pid);
  own = slot ? bpf_map_lookup_elem(&counters, slot) : NULL;
  if (own) __sync_fetch_and_add(&own->execs, 1);
  tell(VALK_PROCESS_EXEC, pid, 0);
  return 0;
}
