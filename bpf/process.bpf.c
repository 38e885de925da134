// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
//
// Always loaded: tells the exporter of execs, and of forks of watched processes, as they happen. An
// exec keeps the pid and the start time, but the new image knows none of the old ids, and links to
// the old image may be dead.
#include "shared.bpf.h"

#include <bpf/bpf_core_read.h>

char LICENSE[] SEC("license") = "Dual BSD/GPL";

// Set before load where the exporter is in a pid namespace of its own: its number on the file
// system of namespaces. Processes outside of it have no pid that the exporter knows.
const volatile __u64 valk_pid_namespace_device = 0;
const volatile __u64 valk_pid_namespace_inode = 0;

struct {
  __uint(type, BPF_MAP_TYPE_HASH);
  __uint(max_entries, VALK_MAX_TARGETS);
  __type(key, __u32);
  __type(value, __u32);
} targets SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_RINGBUF);
  __uint(max_entries, VALK_PROCESS_EVENTS_BYTES);
} process_events SEC(".maps");

// Of <linux/sched.h>, found where they are by CO-RE.
struct task_struct {
  int pid;
  int tgid;
} __attribute__((preserve_access_index));

static __always_inline __u32 own_pid(void) {
  struct bpf_pidns_info info = {};

  if (!valk_pid_namespace_inode) return bpf_get_current_pid_tgid() >> 32;
  if (bpf_get_ns_current_pid_tgid(valk_pid_namespace_device, valk_pid_namespace_inode, &info,
                                  sizeof(info)))
    return 0;
  return info.tgid;
}

static __always_inline void tell(__u32 kind, __u32 pid) {
  struct valk_process_event event = {.kind = kind, .pid = pid};

  if (bpf_ringbuf_output(&process_events, &event, sizeof(event), 0) != 0)
    valk_lose(0, VALK_LOSS_PROCESS_EVENTS_FULL);
}

SEC("raw_tp/sched_process_exec")
int process_exec(void* ctx) {
  __u32 pid = own_pid(), *slot;
  struct valk_counters* own;

  (void)ctx;
  if (pid == 0) return 0;
  slot = bpf_map_lookup_elem(&targets, &pid);
  own = slot ? bpf_map_lookup_elem(&counters, slot) : NULL;
  if (own) __sync_fetch_and_add(&own->execs, 1);
  tell(VALK_PROCESS_EXEC, pid);
  return 0;
}

// A child in another pid namespace than ours is found when /proc is looked through.
SEC("raw_tp/sched_process_fork")
int process_fork(struct bpf_raw_tracepoint_args* ctx) {
  struct task_struct* child = (struct task_struct*)ctx->args[1];
  __u32 parent_pid = own_pid();
  int pid = BPF_CORE_READ(child, pid);

  if (pid != BPF_CORE_READ(child, tgid)) return 0;  // a thread
  if (!bpf_map_lookup_elem(&targets, &parent_pid)) return 0;
  tell(VALK_PROCESS_FORKED, valk_pid_namespace_inode ? 0 : (__u32)pid);
  return 0;
}
