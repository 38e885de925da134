// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
//
// Group loop: turns of an event loop that took at least a millisecond.
#ifndef VALKYRIA_BPF_LOOP_H
#define VALKYRIA_BPF_LOOP_H

#include <valkyria/abi/loop.h>

#include "endpoint.bpf.h"
#include "events.bpf.h"
#include "histogram.bpf.h"

struct {
  __uint(type, BPF_MAP_TYPE_HASH);
  __uint(max_entries, VALK_USUAL_ENDPOINT_ENTRIES);
  __type(key, struct valk_endpoint);
  __type(value, struct valk_loop);
} loops SEC(".maps");

static const struct valk_loop zero_loop;

// system, system_name, busy_ns
static __always_inline void loop__stall(struct pt_regs* ctx, __u32 slot) {
  struct valk_endpoint key = {.system = VALK_ARG0(ctx), .slot = slot};
  struct valk_event event = {.kind = VALK_EVENT_STALL,
                             .slot = slot,
                             .subject = VALK_ARG0(ctx),
                             .busy_ns = VALK_ARG2(ctx),
                             .thread = valk_this_thread()};
  struct valk_loop* loop;

  event.time_ns = bpf_ktime_get_ns();
  valk_tell(&event);
  loop = bpf_map_lookup_elem(&loops, &key);
  if (!loop) loop = valk_endpoint_slow(&loops, &key, &zero_loop);
  if (!loop) return;
  if (!loop->named && valk_name_endpoint(&key, VALK_ARG1(ctx), 0)) loop->named = 1;
  valk_observe(loop->stall, &loop->stall_sum_ns, VALK_ARG2(ctx));
}

#endif
