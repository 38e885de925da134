// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
//
// What tells the agent of processes: shared by the objects process and fork.
#ifndef VALKYRIA_BPF_PROCESS_EVENTS_H
#define VALKYRIA_BPF_PROCESS_EVENTS_H

#include "shared.bpf.h"

// Set before load where the agent is in a pid namespace of its own: its number on the file system
// of namespaces. Processes outside of it have no pid that the agent knows.
const volatile __u64 valk_pid_namespace_device = 0;
const volatile __u64 valk_pid_namespace_inode = 0;

struct {
  __uint(type, BPF_MAP_TYPE_HASH);
  __uint(max_entries, VALK_USUAL_TARGETS);
  __type(key, __u32);
  __type(value, __u32);
} targets SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_RINGBUF);
  __uint(max_entries, VALK_PROCESS_EVENTS_BYTES);
} process_events SEC(".maps");

static __always_inline __u32 own_pid(void) {
  struct bpf_pidns_info info = {};

  if (!valk_pid_namespace_inode) return bpf_get_current_pid_tgid() >> 32;
  if (bpf_get_ns_current_pid_tgid(valk_pid_namespace_device, valk_pid_namespace_inode, &info,
                                  sizeof(info)))
    return 0;
  return info.tgid;
}

static __always_inline void tell(__u32 kind, __u32 pid, __u32 wait_status) {
  struct valk_process_event event = {.kind = kind, .pid = pid, .wait_status = wait_status};

  if (bpf_ringbuf_output(&process_events, &event, sizeof(event), 0) != 0)
    valk_lose(0, VALK_LOSS_PROCESS_EVENTS_FULL);
}

#endif
