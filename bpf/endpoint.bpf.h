// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
//
// Endpoints and their names: shared by the groups http, connection and loop.
#ifndef VALKYRIA_BPF_ENDPOINT_H
#define VALKYRIA_BPF_ENDPOINT_H

#include <valkyria/abi/endpoint.h>

#include "shared.bpf.h"

struct {
  __uint(type, BPF_MAP_TYPE_HASH);
  __uint(max_entries, VALK_USUAL_ENDPOINT_NAMES);
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

// Reads the names that belong to an endpoint, once. Address 0 of the host: it has none. Returns
// whether the names are known now.
static __noinline bool valk_name_endpoint(const struct valk_endpoint* key, __u64 system_name,
                                          __u64 host) {
  struct valk_endpoint_names names = {};

  if (bpf_map_lookup_elem(&endpoint_names, key)) return true;
  if (!valk_read_name(names.system, system_name, key->slot)) return false;
  if (host != 0 && !valk_read_name(names.host, host, key->slot)) return false;
  bpf_map_update_elem(&endpoint_names, key, &names, BPF_NOEXIST);
  return bpf_map_lookup_elem(&endpoint_names, key) != NULL;
}

// Looks an endpoint's statistics up in `map`; the first time makes them, from `zero`. Past the
// limit counts a loss and gives the target's "other" entry, which the exporter has made.
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
