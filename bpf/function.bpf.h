// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
//
// Group function: how long calls of Lisp functions take, by name. Two hits a call: heavy.
#ifndef VALKYRIA_BPF_FUNCTION_H
#define VALKYRIA_BPF_FUNCTION_H

#include <valkyria/abi/function.h>

#include "shared.bpf.h"

#include "histogram.bpf.h"

struct {
  __uint(type, BPF_MAP_TYPE_HASH);
  __uint(max_entries, VALK_USUAL_FUNCTION_ENTRIES);
  __type(key, struct valk_function_key);
  __type(value, struct valk_function);
} functions SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_HASH);
  __uint(max_entries, VALK_MAX_FUNCTION_CALLS);
  __type(key, struct valk_call_key);
  __type(value, struct valk_call);
} function_calls SEC(".maps");

static const struct valk_function zero_function;

// context, name, depth
static __always_inline void function__entry(struct pt_regs* ctx, __u32 slot) {
  struct valk_call_key key = {
      .context = VALK_ARG0(ctx), .depth = (__u32)VALK_ARG2(ctx), .slot = slot};
  struct valk_call entered = {};
  struct valk_call* call;

  entered.entered_ns = bpf_ktime_get_ns();
  call = bpf_map_lookup_elem(&function_calls, &key);
  if (call) {
    if (call->entered_ns != 0) valk_lose(key.slot, VALK_LOSS_FUNCTION_RETURN_UNSEEN);
    *call = entered;
  } else if (bpf_map_update_elem(&function_calls, &key, &entered, BPF_ANY) != 0) {
    valk_lose(key.slot, VALK_LOSS_FUNCTION_CALLS_FULL);
  }
}

static __noinline struct valk_function* function_slow(struct valk_function_key* key) {
  struct valk_function* function;

  bpf_map_update_elem(&functions, key, &zero_function, BPF_NOEXIST);
  function = bpf_map_lookup_elem(&functions, key);
  if (function) return function;
  valk_lose(key->slot, VALK_LOSS_FUNCTIONS_FULL);
  __builtin_memset(key->name, 0, sizeof(key->name));
  key->name[VALK_NAME_BYTES - 1] = 1;
  return bpf_map_lookup_elem(&functions, key);
}

static __always_inline void count_call(struct pt_regs* ctx, __u32 slot, __u64 duration_ns) {
  struct valk_function_key key = {.slot = slot};
  struct valk_function* function;

  if (!valk_read_name(key.name, VALK_ARG1(ctx), slot)) return;
  function = bpf_map_lookup_elem(&functions, &key);
  if (!function) function = function_slow(&key);
  if (function) valk_observe(function->duration, &function->duration_sum_ns, duration_ns);
}

// A depth of a context at which no call was entered since its probes were attached was in the midst
// of one then. Its entry, for the next one, tells a second time apart.
static __always_inline void lose_entry(const struct valk_call_key* key, bool is_known) {
  struct valk_call none = {};

  if (!is_known && bpf_map_update_elem(&function_calls, key, &none, BPF_NOEXIST) == 0)
    valk_lose(key->slot, VALK_LOSS_ATTACHED_IN_THE_MIDDLE);
  else
    valk_lose(key->slot, VALK_LOSS_FUNCTION_ENTRY_UNSEEN);
}

// context, name, depth
static __always_inline void function__return(struct pt_regs* ctx, __u32 slot) {
  __u64 now_ns = bpf_ktime_get_ns(), entered_ns;
  struct valk_call_key key = {
      .context = VALK_ARG0(ctx), .depth = (__u32)VALK_ARG2(ctx), .slot = slot};
  struct valk_call* call;

  call = bpf_map_lookup_elem(&function_calls, &key);
  if (!call || call->entered_ns == 0 || call->entered_ns > now_ns) {
    lose_entry(&key, call != NULL);
    return;
  }
  entered_ns = call->entered_ns;
  call->entered_ns = 0;
  count_call(ctx, key.slot, now_ns - entered_ns);
}

#endif
