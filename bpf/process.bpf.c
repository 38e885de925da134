// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
//
// Always loaded: execs of watched processes. An exec keeps the pid and the start time, but the new
// image knows none of the old ids, and links to the old image may be dead.
#include "shared.bpf.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

SEC("raw_tp/sched_process_exec")
int process_exec(void* ctx) {
  __u32 slot = valk_slot_of(bpf_get_current_pid_tgid() >> 32);
  struct valk_target* target = bpf_map_lookup_elem(&targets, &slot);

  (void)ctx;
  if (target) __sync_fetch_and_add(&target->execs, 1);
  return 0;
}
