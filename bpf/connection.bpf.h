// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
//
// Group connection: transitions between connection states and the time spent in the state left.
#ifndef VALKYRIA_BPF_CONNECTION_H
#define VALKYRIA_BPF_CONNECTION_H

#include <valkyria/abi/connection.h>

#include "endpoint.bpf.h"
#include "histogram.bpf.h"

struct {
  __uint(type, BPF_MAP_TYPE_HASH);
  __uint(max_entries, VALK_USUAL_ENDPOINT_ENTRIES);
  __type(key, struct valk_endpoint);
  __type(value, struct valk_connections);
} connections SEC(".maps");

static const struct valk_connections zero_connections;

static __always_inline struct valk_connections* connections_of(struct pt_regs* ctx, __u32 slot) {
  struct valk_endpoint key = valk_endpoint_of(ctx, slot);
  struct valk_connections* entry = bpf_map_lookup_elem(&connections, &key);

  if (!entry) entry = valk_endpoint_slow(&connections, &key, &zero_connections);
  if (entry && !entry->named && valk_name_endpoint(&key, VALK_ARG1(ctx), VALK_ARG3(ctx)))
    entry->named = 1;
  return entry;
}

// Older verifiers (6.1) lose the bounds of `state` while the bucket is searched: checked again,
// kept from the optimiser, which knows that it never fails.
static __always_inline void observe(struct valk_connections* entry, __u64 state,
                                    __u64 duration_ns) {
  __u32 bucket = valk_bucket_of(duration_ns);

  barrier_var(state);
  if (state >= VALK_STATES || bucket >= VALK_BUCKETS) return;
  __sync_fetch_and_add(&entry->duration[state][bucket], 1);
  __sync_fetch_and_add(&entry->duration_sum_ns[state], duration_ns);
}

// system, system_name, server, host, port, tls, connection, from, to, from_ns
static __always_inline void connection__state(struct pt_regs* ctx, __u32 slot) {
  __u64 from = VALK_ARG7(ctx), to = VALK_ARG8(ctx), from_ns = VALK_ARG9(ctx);
  struct valk_connections* entry;

  if (from >= VALK_STATES || to >= VALK_STATES || from == VALK_STATE_ACTIVE ||
      to == VALK_STATE_ACTIVE) {
    valk_lose(slot, VALK_LOSS_STATE_INVALID);
    return;
  }
  entry = connections_of(ctx, slot);
  if (!entry) return;
  __sync_fetch_and_add(&entry->transitions[from][to], 1);
  if (from == VALK_STATE_NONE) return;
  if (from_ns)
    observe(entry, from, from_ns);
  else
    valk_lose(slot, VALK_LOSS_DURATION_UNKNOWN);
}

// Function probes: a transition of the runtime's only system, without times.
static __always_inline void count_transition(__u32 slot, __u32 from, __u32 to) {
  struct valk_endpoint key = {.system = VALK_ONLY_SYSTEM, .slot = slot};
  struct valk_connections* entry = bpf_map_lookup_elem(&connections, &key);

  if (!entry) entry = valk_endpoint_slow(&connections, &key, &zero_connections);
  if (entry) __sync_fetch_and_add(&entry->transitions[from][to], 1);
}

// Function probe: metrics, success (a C bool). Where accepting fails, the connection is closed.
static __always_inline void connection_accepted(struct pt_regs* ctx, __u32 slot) {
  if ((__u8)VALK_ARG1(ctx))
    count_transition(slot, VALK_STATE_NONE, VALK_STATE_CONNECTING);
  else
    count_transition(slot, VALK_STATE_NONE, VALK_STATE_CLOSING);
}

// Function probe: a connection was accepted.
static __always_inline void connection_begun(struct pt_regs* ctx, __u32 slot) {
  (void)ctx;
  count_transition(slot, VALK_STATE_NONE, VALK_STATE_CONNECTING);
}

// Function probe: a connection is gone, also one that the runtime had opened itself.
static __always_inline void connection_closed(struct pt_regs* ctx, __u32 slot) {
  (void)ctx;
  count_transition(slot, VALK_STATE_CLOSING, VALK_STATE_CLOSED);
}

#endif
