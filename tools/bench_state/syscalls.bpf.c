// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
//
// Counts the system calls of one process without slowing them as tracing by ptrace would.
#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>

char LICENSE[] SEC("license") = "Dual BSD/GPL";

const volatile __u32 watched_pid = 0;
__u64 calls = 0;

SEC("raw_tp/sys_enter")
int count_call(void* ctx) {
  (void)ctx;
  if (bpf_get_current_pid_tgid() >> 32 == watched_pid) __sync_fetch_and_add(&calls, 1);
  return 0;
}
