// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
//
// What every group's handlers share: the registers that carry arguments, and the counters of hits
// and losses.
//
// A handler is named after the probe of the contract that it serves. Where a runtime has no probes,
// uprobes on its named functions tell what they can: function probes, whose handlers stand in the
// same groups and fill the same maps. Their arguments are those of the C function
// (src/probe/function_probes.cpp says which), in the first six of the same registers.
//
// uprobe programs are preemptible (Linux 6.0 and later): every add is atomic, also on per-CPU data,
// and no per-CPU scratch space is used.
#ifndef VALKYRIA_BPF_SHARED_H
#define VALKYRIA_BPF_SHARED_H

#include <stdbool.h>

#include <linux/bpf.h>
#include <linux/ptrace.h>

#include <bpf/bpf_helpers.h>

#include <valkyria/abi/target.h>

// The pinned operands of <valkyria/probes.h>, by position.
#define VALK_ARG0(ctx) ((ctx)->rdi)
#define VALK_ARG1(ctx) ((ctx)->rsi)
#define VALK_ARG2(ctx) ((ctx)->rdx)
#define VALK_ARG3(ctx) ((ctx)->rcx)
#define VALK_ARG4(ctx) ((ctx)->r8)
#define VALK_ARG5(ctx) ((ctx)->r9)
#define VALK_ARG6(ctx) ((ctx)->rax)
#define VALK_ARG7(ctx) ((ctx)->r10)
#define VALK_ARG8(ctx) ((ctx)->r11)
#define VALK_ARG9(ctx) ((ctx)->rbx)
#define VALK_ARG10(ctx) ((ctx)->r12)
#define VALK_ARG11(ctx) ((ctx)->r13)

struct {
  __uint(type, BPF_MAP_TYPE_ARRAY);
  __uint(map_flags, BPF_F_MMAPABLE);
  __uint(max_entries, VALK_USUAL_SLOTS);
  __type(key, __u32);
  __type(value, struct valk_counters);
} counters SEC(".maps");

static __always_inline void valk_lose(__u32 slot, enum valk_loss loss) {
  struct valk_counters* own = bpf_map_lookup_elem(&counters, &slot);

  if (own && (__u32)loss < VALK_LOSSES) __sync_fetch_and_add(&own->lost[loss], 1);
}

// Reads a NUL-terminated name of the target into VALK_NAME_BYTES bytes.
static __always_inline bool valk_read_name(char* name, __u64 address, __u32 slot) {
  long length = bpf_probe_read_user_str(name, VALK_NAME_BYTES, (const void*)address);

  if (length < 0) {
    valk_lose(slot, VALK_LOSS_NAME_UNREADABLE);
    return false;
  }
  if (length == VALK_NAME_BYTES) valk_lose(slot, VALK_LOSS_NAME_TRUNCATED);
  return true;
}

#endif
