// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
//
// Group http: requests and overload responses of each server. A request on a kept-alive connection
// costs one hit, which also tells how long the connection had been idle and active.
#ifndef VALKYRIA_BPF_HTTP_H
#define VALKYRIA_BPF_HTTP_H

#include <valkyria/abi/http.h>

#include "endpoint.bpf.h"
#include "gc.bpf.h"
#include "histogram.bpf.h"

struct {
  __uint(type, BPF_MAP_TYPE_HASH);
  __uint(max_entries, VALK_USUAL_ENDPOINT_ENTRIES);
  __type(key, struct valk_endpoint);
  __type(value, struct valk_http_server);
} http_servers SEC(".maps");

static const struct valk_http_server zero_server;

static __always_inline struct valk_http_server* server_of(struct pt_regs* ctx, __u32 slot) {
  struct valk_endpoint key = valk_endpoint_of(ctx, slot);
  struct valk_http_server* server = bpf_map_lookup_elem(&http_servers, &key);

  if (!server) server = valk_endpoint_slow(&http_servers, &key, &zero_server);
  if (server && !server->named && valk_name_endpoint(&key, VALK_ARG1(ctx), VALK_ARG3(ctx)))
    server->named = 1;
  return server;
}

static __always_inline __u32 status_class(__u64 status) {
  if (status == 0) return VALK_STATUS_GIVEN_UP;
  if (status < 100 || status > 599) return VALK_STATUS_OTHER;
  return (__u32)status / 100;
}

static __always_inline void count_request(struct valk_http_server* server, __u32 slot, __u32 class,
                                          __u64 duration_ns, __u64 idle_ns) {
  __u32 kind = idle_ns ? VALK_REQUEST_OPENED : VALK_REQUEST_JOINED;
  __u32 column = VALK_DURATION_UNKNOWN;

  if (duration_ns)
    column = valk_bucket_of(duration_ns);
  else
    valk_lose(slot, VALK_LOSS_DURATION_UNKNOWN);
  // Never true; kept from the optimiser, since the verifier does not know what it knows.
  barrier_var(class);
  barrier_var(column);
  if (class >= VALK_STATUS_CLASSES || column >= VALK_REQUEST_COLUMNS) return;
  __sync_fetch_and_add(&server->requests[class][kind][column], 1);
  if (class == VALK_STATUS_GIVEN_UP)
    __sync_fetch_and_add(&server->given_up_sum_ns[kind], duration_ns);
  else
    __sync_fetch_and_add(&server->answered_sum_ns[kind], duration_ns);
}

// How much of the request, which ends now, lay inside pauses.
static __always_inline void count_pauses(struct valk_http_server* server, __u32 slot,
                                         __u64 duration_ns) {
  struct valk_pauses* recent = bpf_map_lookup_elem(&pauses, &slot);
  __u64 now_ns, in_pauses_ns;
  __u32 last = 0;

  if (!recent || recent->count == 0 || duration_ns == 0) return;
  now_ns = bpf_ktime_get_ns();
  in_pauses_ns = valk_time_in_pauses(recent, now_ns - duration_ns, now_ns, &last);
  if (in_pauses_ns == 0) return;
  __sync_fetch_and_add(&server->gc_pause_sum_ns, in_pauses_ns);
  valk_note_paused(&server->paused, &recent->recent[last % VALK_RECENT_PAUSES], duration_ns,
                   now_ns);
}

// system, system_name, server, host, port, tls, status, duration_ns, idle_ns, eval_ns, bytes_sent,
// bytes_received
static __always_inline void request__end(struct pt_regs* ctx, __u32 slot) {
  __u64 idle_ns = VALK_ARG8(ctx), eval_ns = VALK_ARG9(ctx);
  struct valk_http_server* server;

  server = server_of(ctx, slot);
  if (!server) return;
  count_request(server, slot, status_class(VALK_ARG6(ctx)), VALK_ARG7(ctx), idle_ns);
  if (idle_ns) valk_observe(server->idle, &server->idle_sum_ns, idle_ns);
  if (eval_ns) valk_observe(server->eval, &server->eval_sum_ns, eval_ns);
  count_pauses(server, slot, VALK_ARG7(ctx));
  __sync_fetch_and_add(&server->bytes_sent, VALK_ARG10(ctx));
  __sync_fetch_and_add(&server->bytes_received, VALK_ARG11(ctx));
}

// system, system_name, server, host, port, tls, reason
static __always_inline void overload(struct pt_regs* ctx, __u32 slot) {
  __u64 reason = VALK_ARG6(ctx);
  struct valk_http_server* server;

  server = server_of(ctx, slot);
  if (!server) return;
  if (reason >= VALK_OVERLOAD_REASONS) reason = 0;
  __sync_fetch_and_add(&server->overloads[reason], 1);
}

// Function probe: metrics, failed (a C bool), duration_us, bytes_sent, bytes_received. Neither
// server nor status is known.
static __always_inline void stream_end(struct pt_regs* ctx, __u32 slot) {
  __u64 duration_ns = valk_ns_of_us(VALK_ARG2(ctx));
  struct valk_endpoint key = {.system = VALK_ONLY_SYSTEM, .slot = slot};
  struct valk_http_server* server;

  server = bpf_map_lookup_elem(&http_servers, &key);
  if (!server) server = valk_endpoint_slow(&http_servers, &key, &zero_server);
  if (!server) return;
  count_request(server, key.slot, (__u8)VALK_ARG1(ctx) ? VALK_STATUS_GIVEN_UP : VALK_STATUS_OTHER,
                duration_ns, 0);
  __sync_fetch_and_add(&server->bytes_sent, VALK_ARG3(ctx));
  __sync_fetch_and_add(&server->bytes_received, VALK_ARG4(ctx));
}

#endif
