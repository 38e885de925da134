// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
//
// How the one program tells what was hit: the handlers, and the cookie that each site is
// given when it is attached.
#ifndef VALKYRIA_ABI_DISPATCH_H
#define VALKYRIA_ABI_DISPATCH_H

#include <linux/types.h>

// Groups of --probes, as bits of `valk_groups`.
enum valk_group {
  VALK_GROUP_GC,
  VALK_GROUP_EVAL,
  VALK_GROUP_CONNECTION,
  VALK_GROUP_HTTP,
  VALK_GROUP_CLIENT,
  VALK_GROUP_LOOP,
  VALK_GROUP_FUNCTION,
  VALK_GROUPS,
};

// Every handler: X(its group, its code, its function in bpf/<group>.bpf.h).
// clang-format off
#define VALK_HANDLERS(X) \
  X(VALK_GROUP_GC, VALK_ON_GC_REQUEST, gc__request) \
  X(VALK_GROUP_GC, VALK_ON_GC_ARRIVE, gc__arrive) \
  X(VALK_GROUP_GC, VALK_ON_GC_BEGIN, gc__begin) \
  X(VALK_GROUP_GC, VALK_ON_GC_END, gc__end) \
  X(VALK_GROUP_GC, VALK_ON_GC_COLLECT, gc_collect) \
  X(VALK_GROUP_GC, VALK_ON_GC_COLLECT_RETURN, gc_collect_return) \
  X(VALK_GROUP_GC, VALK_ON_GC_CALL, gc_call) \
  X(VALK_GROUP_GC, VALK_ON_GC_CALL_MARK, gc_call_mark) \
  X(VALK_GROUP_GC, VALK_ON_GC_CALL_RETURN, gc_call_return) \
  X(VALK_GROUP_HTTP, VALK_ON_REQUEST_END, request__end) \
  X(VALK_GROUP_HTTP, VALK_ON_OVERLOAD, overload) \
  X(VALK_GROUP_HTTP, VALK_ON_STREAM_END, stream_end) \
  X(VALK_GROUP_CONNECTION, VALK_ON_CONNECTION_STATE, connection__state) \
  X(VALK_GROUP_CONNECTION, VALK_ON_CONNECTION_ACCEPTED, connection_accepted) \
  X(VALK_GROUP_CONNECTION, VALK_ON_CONNECTION_BEGUN, connection_begun) \
  X(VALK_GROUP_CONNECTION, VALK_ON_CONNECTION_CLOSED, connection_closed) \
  X(VALK_GROUP_EVAL, VALK_ON_EVAL_BEGIN, eval__begin) \
  X(VALK_GROUP_EVAL, VALK_ON_EVAL_END, eval__end) \
  X(VALK_GROUP_CLIENT, VALK_ON_CLIENT_OPERATION, client__operation) \
  X(VALK_GROUP_CLIENT, VALK_ON_CLIENT_CACHE, client__cache) \
  X(VALK_GROUP_CLIENT, VALK_ON_CLIENT_OPERATED, client_operated) \
  X(VALK_GROUP_CLIENT, VALK_ON_CLIENT_LOOKED_UP, client_looked_up) \
  X(VALK_GROUP_LOOP, VALK_ON_LOOP_STALL, loop__stall) \
  X(VALK_GROUP_FUNCTION, VALK_ON_FUNCTION_ENTRY, function__entry) \
  X(VALK_GROUP_FUNCTION, VALK_ON_FUNCTION_RETURN, function__return)
// clang-format on

enum valk_handler {
#define VALK_ENUMERATOR(group, code, function) code,
  VALK_HANDLERS(VALK_ENUMERATOR)
#undef VALK_ENUMERATOR
};

// A cookie is handler | probe << 8 | slot << 16.
static inline __u64 valk_cookie(__u32 handler, __u32 probe, __u32 slot) {
  __u64 wide_slot = slot;

  return handler | probe << 8 | wide_slot << 16;
}
static inline __u32 valk_cookie_handler(__u64 cookie) {
  return cookie & 0xff;
}
static inline __u32 valk_cookie_probe(__u64 cookie) {
  return cookie >> 8 & 0xff;
}
static inline __u32 valk_cookie_slot(__u64 cookie) {
  __u64 slot = cookie >> 16;

  return slot & 0xffffffff;
}

#endif
