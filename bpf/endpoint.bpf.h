// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
//
// Endpoints and their names: shared by the groups http and connection.
#ifndef VALKYRIA_BPF_ENDPOINT_H
#define VALKYRIA_BPF_ENDPOINT_H

#include <valkyria/abi/endpoint.h>

#include "shared.bpf.h"

struct {
  __uint(type, BPF_MAP_TYPE_HASH);
  __uint(max_entries, VALK_MAX_ENDPOINTS);
  __type(key, struct valk_endpoint);
  __type(value, struct valk_endpoint_names);
} endpoint_names SEC(".maps");

// The first six arguments of every probe about an endpoint are system, system_name*, server,
// host*, port, tls.
static __always_inline struct valk_endpoint valk_endpoint_of(const struct pt_regs* ctx,
                                                             __u32 slot) {
  struct valk_endpoint key = {
      .system = VALK_ARG0(ctx),
      .server = VALK_ARG2(ctx),
      .slot = slot,
      .port = (__u16)VALK_ARG4(ctx),
      .tls = VALK_ARG5(ctx) != 0,
  };
  return key;
}

static __always_inline bool valk_read_name(char* name, __u64 address, __u32 slot) {
  long length = bpf_probe_read_user_str(name, VALK_NAME_BYTES, (const void*)address);

  if (length < 0) {
    valk_lose(slot, VALK_LOSS_NAME_UNREADABLE);
    return false;
  }
  if (length == VALK_NAME_BYTES) valk_lose(slot, VALK_LOSS_NAME_TRUNCATED);
  return true;
}

// Reads the names that belong to an endpoint, once. Returns whether they are known now.
static __noinline bool valk_name_endpoint(struct pt_regs* ctx, const struct valk_endpoint* key) {
  struct valk_endpoint_names names = {};

  if (bpf_map_lookup_elem(&endpoint_names, key)) return true;
  if (!valk_read_name(names.system, VALK_ARG1(ctx), key->slot)) return false;
  // A connection without a server has no host.
  if (VALK_ARG3(ctx) != 0 && !valk_read_name(names.host, VALK_ARG3(ctx), key->slot)) return false;
  bpf_map_update_elem(&endpoint_names, key, &names, BPF_NOEXIST);
  return bpf_map_lookup_elem(&endpoint_names, key) != NULL;
}

// Looks an endpoint's statistics up in `map`; the first time makes them, from `zero`. Past the
// limit counts a loss and gives the target's "other" entry, which the agent has made.
static __always_inline void* valk_endpoint_slow(void* map, const struct valk_endpoint* key,
                                                const void* zero) {
  struct valk_endpoint other = {
      .system = VALK_OTHER_ID, .server = VALK_OTHER_ID, .slot = key->slot};
  void* entry;

  bpf_map_update_elem(map, key, zero, BPF_NOEXIST);
  entry = bpf_map_lookup_elem(map, key);
  if (entry) return entry;
  valk_lose(key->slot, VALK_LOSS_ENDPOINTS_FULL);
  return bpf_map_lookup_elem(map, &other);
}

#endif
