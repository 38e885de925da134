// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
//
// The one program at every probe site and probed function. The cookie of a site, given when it was
// attached, says whose it is and what happened there: no map is asked who was hit.
//
// Groups that were not chosen are left out by the verifier, which knows `valk_groups`: their maps
// are not made.
#include <valkyria/abi/dispatch.h>

#include "client.bpf.h"
#include "connection.bpf.h"
#include "eval.bpf.h"
#include "function.bpf.h"
#include "gc.bpf.h"
#include "http.bpf.h"
#include "loop.bpf.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

// Set before load: bit n stands for group n of enum valk_group.
const volatile __u32 valk_groups = 0;

static __always_inline bool is_chosen(enum valk_group group) {
  return valk_groups & (1U << group);
}

static __always_inline void handle(struct pt_regs* ctx, __u32 handler, __u32 slot) {
  switch (handler) {
#define VALK_CASE(group, code, function)       \
  case code:                                   \
    if (is_chosen(group)) function(ctx, slot); \
    break;
    VALK_HANDLERS(VALK_CASE)
#undef VALK_CASE
  }
}

SEC("uprobe")
int on_probe(struct pt_regs* ctx) {
  __u64 cookie = bpf_get_attach_cookie(ctx);
  __u32 slot = valk_cookie_slot(cookie), probe = valk_cookie_probe(cookie);
  struct valk_counters* own = bpf_map_lookup_elem(&counters, &slot);

  // After an exec the link of the old image may fire in the new one, which has a link of its own.
  if (!own || own->execs != 0 || probe >= VALK_PROBES) return 0;
  __sync_fetch_and_add(&own->hits[probe], 1);
  handle(ctx, valk_cookie_handler(cookie), slot);
  return 0;
}
