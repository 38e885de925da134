// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
//
// Group client: operations and cache look-ups of each named client.
#ifndef VALKYRIA_BPF_CLIENT_H
#define VALKYRIA_BPF_CLIENT_H

#include <valkyria/abi/client.h>
#include <valkyria/abi/endpoint.h>

#include "shared.bpf.h"

#include "histogram.bpf.h"

struct {
  __uint(type, BPF_MAP_TYPE_HASH);
  __uint(max_entries, VALK_USUAL_CLIENT_ENTRIES);
  __type(key, struct valk_client_key);
  __type(value, struct valk_client);
} clients SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_HASH);
  __uint(max_entries, VALK_USUAL_CLIENTS);
  __type(key, struct valk_client_key);
  __type(value, struct valk_client_names);
} client_names SEC(".maps");

static const struct valk_client zero_client;

// Reads the names of a client, once. Returns whether they are known now.
static __noinline bool name_client(const struct valk_client_key* key, __u64 name, __u64 type) {
  struct valk_client_names names = {};

  if (bpf_map_lookup_elem(&client_names, key)) return true;
  if (!valk_read_name(names.name, name, key->slot)) return false;
  if (!valk_read_name(names.type, type, key->slot)) return false;
  bpf_map_update_elem(&client_names, key, &names, BPF_NOEXIST);
  return bpf_map_lookup_elem(&client_names, key) != NULL;
}

static __noinline struct valk_client* client_slow(const struct valk_client_key* key) {
  struct valk_client_key other = {.client = VALK_OTHER_ID, .slot = key->slot};
  struct valk_client* client;

  bpf_map_update_elem(&clients, key, &zero_client, BPF_NOEXIST);
  client = bpf_map_lookup_elem(&clients, key);
  if (client) return client;
  valk_lose(key->slot, VALK_LOSS_CLIENTS_FULL);
  return bpf_map_lookup_elem(&clients, &other);
}

static __always_inline struct valk_client* client_of(__u64 id, __u64 name, __u64 type, __u32 slot) {
  struct valk_client_key key = {.client = id, .slot = slot};
  struct valk_client* client = bpf_map_lookup_elem(&clients, &key);

  if (!client) client = client_slow(&key);
  if (client && !client->named && name_client(&key, name, type)) client->named = 1;
  return client;
}

static __always_inline void count_operation(struct valk_client* client, __u32 slot,
                                            __u64 duration_ns, bool has_failed, bool was_retried) {
  __u32 column = VALK_CLIENT_DURATION_UNKNOWN, failed = has_failed;

  if (duration_ns)
    column = valk_bucket_of(duration_ns);
  else
    valk_lose(slot, VALK_LOSS_DURATION_UNKNOWN);
  // Never true; kept from the optimiser, since the verifier does not know what it knows.
  barrier_var(failed);
  barrier_var(column);
  if (failed > 1 || column >= VALK_CLIENT_COLUMNS) return;
  __sync_fetch_and_add(&client->operations[failed][column], 1);
  __sync_fetch_and_add(&client->duration_sum_ns, duration_ns);
  if (was_retried) __sync_fetch_and_add(&client->retries, 1);
}

static __always_inline void count_look_up(struct valk_client* client, bool hit) {
  if (hit)
    __sync_fetch_and_add(&client->cache[1], 1);
  else
    __sync_fetch_and_add(&client->cache[0], 1);
}

// client, name, type, duration_ns, failed, retried
static __always_inline void client__operation(struct pt_regs* ctx, __u32 slot) {
  struct valk_client* client;

  client = client_of(VALK_ARG0(ctx), VALK_ARG1(ctx), VALK_ARG2(ctx), slot);
  if (client)
    count_operation(client, slot, VALK_ARG3(ctx), VALK_ARG4(ctx) != 0, VALK_ARG5(ctx) != 0);
}

// client, name, type, hit
static __always_inline void client__cache(struct pt_regs* ctx, __u32 slot) {
  struct valk_client* client;

  client = client_of(VALK_ARG0(ctx), VALK_ARG1(ctx), VALK_ARG2(ctx), slot);
  if (client) count_look_up(client, VALK_ARG3(ctx) != 0);
}

// Function probes: a client's record, of which it is the address, begins with its name and, after
// the name's 64 bytes, its type.
static __always_inline struct valk_client* client_of_record(__u64 record, __u32 slot) {
  return client_of(record, record, record + 64, slot);
}

// Function probe: record, duration_us, failed, retried (C bools)
static __always_inline void client_operated(struct pt_regs* ctx, __u32 slot) {
  struct valk_client* client;

  client = client_of_record(VALK_ARG0(ctx), slot);
  if (client)
    count_operation(client, slot, valk_ns_of_us(VALK_ARG1(ctx)), (__u8)VALK_ARG2(ctx) != 0,
                    (__u8)VALK_ARG3(ctx) != 0);
}

// Function probe: record, hit (a C bool)
static __always_inline void client_looked_up(struct pt_regs* ctx, __u32 slot) {
  struct valk_client* client;

  client = client_of_record(VALK_ARG0(ctx), slot);
  if (client) count_look_up(client, (__u8)VALK_ARG1(ctx) != 0);
}

#endif
