// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
//
// Loaded where the kernel says where its structures have their members (BTF): tells the agent of
// forks and ends of watched processes as they happen. Without it, children are found a little
// later, when /proc is looked through, and why a process ended is not known.
#include "process_events.bpf.h"

#include <bpf/bpf_core_read.h>

char LICENSE[] SEC("license") = "Dual BSD/GPL";

// Of <linux/types.h>, <linux/sched/signal.h> and <linux/sched.h>, found where they are by CO-RE.
typedef struct {
  int counter;
} atomic_t;

struct signal_struct {
  atomic_t live;  // threads that have not ended
} __attribute__((preserve_access_index));

struct task_struct {
  int pid;
  int tgid;
  int exit_code;
  struct signal_struct* signal;
} __attribute__((preserve_access_index));

// A child in another pid namespace than ours is found when /proc is looked through.
SEC("raw_tp/sched_process_fork")
int process_fork(struct bpf_raw_tracepoint_args* ctx) {
  struct task_struct* child = (struct task_struct*)ctx->args[1];
  __u32 parent_pid = own_pid();
  int pid = BPF_CORE_READ(child, pid);

  if (pid != BPF_CORE_READ(child, tgid)) return 0;  // a thread
  if (!bpf_map_lookup_elem(&targets, &parent_pid)) return 0;
  tell(VALK_PROCESS_FORKED, valk_pid_namespace_inode ? 0 : (__u32)pid, 0);
  return 0;
}

// Runs in the thread that ends, which is counted off already. Where all end together, each has the
// status of the process.
SEC("raw_tp/sched_process_exit")
int process_exit(struct bpf_raw_tracepoint_args* ctx) {
  struct task_struct* task = (struct task_struct*)ctx->args[0];
  __u32 pid = own_pid();

  if (pid == 0 || BPF_CORE_READ(task, signal, live.counter) > 0) return 0;
  if (!bpf_map_lookup_elem(&targets, &pid)) return 0;
  tell(VALK_PROCESS_ENDED, pid, (__u32)BPF_CORE_READ(task, exit_code));
  return 0;
}
