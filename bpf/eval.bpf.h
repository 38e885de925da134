// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
//
// Group eval: how long outermost evaluations take, by kind. Those of requests come with
// request__end, in group http.
#ifndef VALKYRIA_BPF_EVAL_H
#define VALKYRIA_BPF_EVAL_H

#include <valkyria/abi/eval.h>

#include "shared.bpf.h"

#include "histogram.bpf.h"

struct {
  __uint(type, BPF_MAP_TYPE_ARRAY);
  __uint(max_entries, VALK_USUAL_TARGETS);
  __type(key, __u32);
  __type(value, struct valk_evals);
} evals SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_HASH);
  __uint(max_entries, VALK_USUAL_EVAL_CONTEXTS);
  __type(key, struct valk_eval_context);
  __type(value, struct valk_open_eval);
} open_evals SEC(".maps");

// context, kind, name
static __always_inline void eval__begin(struct pt_regs* ctx, __u32 slot) {
  struct valk_open_eval begun = {.kind = VALK_ARG1(ctx)};
  struct valk_eval_context key = {.context = VALK_ARG0(ctx), .slot = slot};
  struct valk_open_eval* open;

  begun.begun_ns = bpf_ktime_get_ns();
  open = bpf_map_lookup_elem(&open_evals, &key);
  if (open) {
    if (open->begun_ns != 0) valk_lose(key.slot, VALK_LOSS_EVAL_END_UNSEEN);
    *open = begun;
  } else if (bpf_map_update_elem(&open_evals, &key, &begun, BPF_ANY) != 0) {
    valk_lose(key.slot, VALK_LOSS_EVAL_CONTEXTS_FULL);
  }
}

// A context that has not begun any evaluation since its probes were attached was in the midst of
// one then. Its entry, for the next one, tells a second time apart.
static __always_inline void lose_begin(const struct valk_eval_context* key, bool is_known) {
  struct valk_open_eval none = {};

  if (!is_known && bpf_map_update_elem(&open_evals, key, &none, BPF_NOEXIST) == 0)
    valk_lose(key->slot, VALK_LOSS_ATTACHED_IN_THE_MIDDLE);
  else
    valk_lose(key->slot, VALK_LOSS_EVAL_BEGIN_UNSEEN);
}

// context, kind, evals_done, failed
static __always_inline void eval__end(struct pt_regs* ctx, __u32 slot) {
  __u64 now_ns = bpf_ktime_get_ns();
  struct valk_eval_context key = {.context = VALK_ARG0(ctx), .slot = slot};
  __u64 kind = VALK_ARG1(ctx);
  struct valk_open_eval* open;
  struct valk_evals* slot_evals;

  if (kind == 0 || kind >= VALK_EVAL_KINDS) {
    valk_lose(key.slot, VALK_LOSS_EVAL_KIND_INVALID);
    return;
  }
  open = bpf_map_lookup_elem(&open_evals, &key);
  slot_evals = bpf_map_lookup_elem(&evals, &key.slot);
  if (!open || open->begun_ns == 0 || open->begun_ns > now_ns || open->kind != kind ||
      !slot_evals) {
    lose_begin(&key, open != NULL);
    return;
  }
  valk_observe(slot_evals->duration[kind], &slot_evals->duration_sum_ns[kind],
               now_ns - open->begun_ns);
  open->begun_ns = 0;
}

#endif
