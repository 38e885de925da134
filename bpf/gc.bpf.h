// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
//
// Group gc: pauses, times to the safe point and totals of each heap.
#ifndef VALKYRIA_BPF_GC_H
#define VALKYRIA_BPF_GC_H

#include <valkyria/abi/gc.h>

#include "events.bpf.h"
#include "gc_heap.bpf.h"
#include "pauses.bpf.h"

struct {
  __uint(type, BPF_MAP_TYPE_HASH);
  __uint(max_entries, VALK_USUAL_GC_HEAPS);
  __type(key, struct valk_gc_heap_key);
  __type(value, struct valk_gc_heap);
} gc_heaps SEC(".maps");

static const struct valk_gc_heap zero_heap;

static __always_inline struct valk_gc_heap* find_heap(__u64 id, __u32 slot) {
  struct valk_gc_heap_key key = {.heap = id, .slot = slot};
  struct valk_gc_heap* heap = bpf_map_lookup_elem(&gc_heaps, &key);

  if (heap) return heap;
  bpf_map_update_elem(&gc_heaps, &key, &zero_heap, BPF_NOEXIST);
  heap = bpf_map_lookup_elem(&gc_heaps, &key);
  if (!heap) valk_lose(slot, VALK_LOSS_GC_HEAPS_FULL);
  return heap;
}

static __always_inline struct valk_gc_heap* heap_of(struct pt_regs* ctx, __u32 slot) {
  return find_heap(VALK_ARG0(ctx), slot);
}

static __always_inline void lose_all(__u32 slot, __u32 losses) {
  if (losses & VALK_LOSS_BIT(VALK_LOSS_GC_BEGIN_UNSEEN)) valk_lose(slot, VALK_LOSS_GC_BEGIN_UNSEEN);
  if (losses & VALK_LOSS_BIT(VALK_LOSS_GC_END_UNSEEN)) valk_lose(slot, VALK_LOSS_GC_END_UNSEEN);
  if (losses & VALK_LOSS_BIT(VALK_LOSS_GC_REQUEST_UNSEEN))
    valk_lose(slot, VALK_LOSS_GC_REQUEST_UNSEEN);
  if (losses & VALK_LOSS_BIT(VALK_LOSS_ATTACHED_IN_THE_MIDDLE))
    valk_lose(slot, VALK_LOSS_ATTACHED_IN_THE_MIDDLE);
}

struct {
  __uint(type, BPF_MAP_TYPE_ARRAY);
  __uint(max_entries, VALK_USUAL_SLOTS);
  __type(key, __u32);
  __type(value, struct valk_pauses);
} pauses SEC(".maps");

// From now on the world stands still.
static __always_inline void open_pause(__u32 slot, __u64 now_ns) {
  struct valk_pauses* recent = bpf_map_lookup_elem(&pauses, &slot);

  if (!recent) return;
  recent->open_thread = valk_this_thread();
  recent->open_since_ns = now_ns;
}

static __always_inline void close_pause(__u32 slot) {
  struct valk_pauses* recent = bpf_map_lookup_elem(&pauses, &slot);

  if (recent) recent->open_since_ns = 0;
}

// heap, cycle, reason
static __always_inline void gc__request(struct pt_regs* ctx, __u32 slot) {
  struct valk_gc_heap* heap;

  heap = heap_of(ctx, slot);
  if (heap) valk_gc_request(heap, VALK_ARG1(ctx), valk_this_thread(), bpf_ktime_get_ns());
}

// heap, cycle, thread
static __always_inline void gc__arrive(struct pt_regs* ctx, __u32 slot) {
  struct valk_event event = {.kind = VALK_EVENT_ARRIVAL,
                             .slot = slot,
                             .subject = VALK_ARG0(ctx),
                             .cycle = VALK_ARG1(ctx),
                             .thread = (__u32)VALK_ARG2(ctx),
                             .tells = VALK_TELLS_CYCLE};

  event.time_ns = bpf_ktime_get_ns();
  valk_tell(&event);
}

// heap, cycle, used_bytes, total_bytes, reason, world_stopped
static __always_inline void gc__begin(struct pt_regs* ctx, __u32 slot) {
  struct valk_gc_heap* heap;

  heap = heap_of(ctx, slot);
  if (!heap) return;
  lose_all(slot, valk_gc_begin(heap, VALK_ARG1(ctx), bpf_ktime_get_ns()));
  heap->begun_used_bytes = VALK_ARG2(ctx);
  heap->begun_reason = (__u32)VALK_ARG4(ctx);
  heap->begun_world_stopped = VALK_ARG5(ctx) != 0;
  if (heap->begun_world_stopped) open_pause(slot, heap->begun_ns);
}

// The world stood still, or a collection went on beside it.
static __always_inline void note_pause(struct pt_regs* ctx, __u32 slot,
                                       const struct valk_gc_heap* heap, __u64 begun_ns) {
  struct valk_pauses* recent = bpf_map_lookup_elem(&pauses, &slot);

  struct valk_pause pause = {.begun_ns = begun_ns,
                             .ended_ns = heap->ended_ns,
                             .heap = VALK_ARG0(ctx),
                             .cycle = VALK_ARG1(ctx)};

  if (!recent || begun_ns == 0) return;
  if (heap->begun_world_stopped)
    valk_note_pause(recent, &pause);
  else
    __sync_fetch_and_add(&recent->concurrent, 1);
}

static __always_inline void tell_collection(struct pt_regs* ctx, __u32 slot,
                                            const struct valk_gc_heap* heap, __u64 begun_ns) {
  struct valk_event event = {.kind = VALK_EVENT_COLLECTION,
                             .slot = slot,
                             .time_ns = heap->ended_ns,
                             .subject = VALK_ARG0(ctx),
                             .cycle = VALK_ARG1(ctx),
                             .begun_ns = begun_ns,
                             .used_after_bytes = VALK_ARG2(ctx),
                             .total_bytes = VALK_ARG3(ctx),
                             .reclaimed_bytes = VALK_ARG4(ctx),
                             .trigger_bytes = VALK_ARG5(ctx),
                             .thread = valk_this_thread(),
                             .tells = VALK_TELLS_CYCLE | VALK_TELLS_LIVE | VALK_TELLS_LIMITS};

  if (begun_ns != 0) {
    event.requested_ns = heap->begun_requested_ns;
    event.requested_thread = heap->begun_requested_thread;
    event.used_before_bytes = heap->begun_used_bytes;
    event.reason = (__u16)heap->begun_reason;
    event.world_stopped = heap->begun_world_stopped ? 1 : 2;
    event.tells |= VALK_TELLS_USE;
  }
  valk_tell(&event);
}

// heap, cycle, used_bytes, total_bytes, reclaimed_bytes, trigger_bytes
static __always_inline void gc__end(struct pt_regs* ctx, __u32 slot) {
  __u64 now_ns = bpf_ktime_get_ns(), begun_ns = 0;
  struct valk_gc_heap* heap;

  heap = heap_of(ctx, slot);
  if (!heap) return;
  if (heap->begun_cycle == VALK_ARG1(ctx)) begun_ns = heap->begun_ns;
  lose_all(slot, valk_gc_end(heap, VALK_ARG1(ctx), now_ns));
  heap->live_bytes = VALK_ARG2(ctx);
  heap->is_live_told = 1;
  heap->total_bytes = VALK_ARG3(ctx);
  heap->trigger_bytes = VALK_ARG5(ctx);
  __sync_fetch_and_add(&heap->reclaimed_bytes, VALK_ARG4(ctx));
  note_pause(ctx, slot, heap, begun_ns);
  close_pause(slot);
  tell_collection(ctx, slot, heap, begun_ns);
}

struct {
  __uint(type, BPF_MAP_TYPE_LRU_HASH);
  __uint(max_entries, VALK_USUAL_GC_CALLS);
  __type(key, struct valk_gc_call_key);
  __type(value, struct valk_gc_call);
} gc_calls SEC(".maps");

static __always_inline struct valk_gc_call_key this_call(__u32 slot) {
  struct valk_gc_call_key key = {.thread = (__u32)bpf_get_current_pid_tgid(), .slot = slot};

  return key;
}

struct {
  __uint(type, BPF_MAP_TYPE_ARRAY);
  __uint(max_entries, VALK_USUAL_TARGETS);
  __type(key, __u32);
  __type(value, struct valk_gc_place);
} gc_places SEC(".maps");

// What a collection has left in use, read where the heap keeps it.
static __always_inline void read_live(struct valk_gc_heap* heap, __u64 address, __u32 slot) {
  const struct valk_gc_place* place = bpf_map_lookup_elem(&gc_places, &slot);
  __u64 live_bytes;

  if (!place || !place->is_known || address == 0) return;
  if (bpf_probe_read_user(&live_bytes, sizeof(live_bytes),
                          (const void*)(address + place->use_offset)) != 0)
    return;
  heap->live_bytes = live_bytes;
  heap->is_live_told = 1;
}

// Function probe: the thread begins a collection of this heap, alone.
static __always_inline void gc_collect(struct pt_regs* ctx, __u32 slot) {
  struct valk_gc_call call = {.heap = VALK_ARG0(ctx)};
  struct valk_gc_call_key key;

  key = this_call(slot);
  call.called_ns = call.begun_ns = bpf_ktime_get_ns();
  if (bpf_map_lookup_elem(&gc_calls, &key)) valk_lose(slot, VALK_LOSS_GC_END_UNSEEN);
  bpf_map_update_elem(&gc_calls, &key, &call, BPF_ANY);
}

// Who collects is not the only one who asks: of a call that others take part in, the safe point
// lies between its begin and the mark.
static __always_inline void tell_call(__u32 slot, const struct valk_gc_heap* heap,
                                      const struct valk_gc_call* call, __u64 reclaimed_bytes) {
  struct valk_event event = {.kind = VALK_EVENT_COLLECTION,
                             .slot = slot,
                             .time_ns = heap->ended_ns,
                             .begun_ns = call->begun_ns,
                             .used_after_bytes = heap->live_bytes,
                             .reclaimed_bytes = reclaimed_bytes,
                             .thread = valk_this_thread()};

  if (call->called_ns < call->begun_ns) {
    event.requested_ns = call->called_ns;
    event.requested_thread = event.thread;
  }
  if (heap->is_live_told) event.tells = VALK_TELLS_LIVE;
  valk_tell(&event);
}

static __always_inline void end_call(struct pt_regs* ctx, __u32 slot, bool may_be_refused) {
  __u64 now_ns = bpf_ktime_get_ns(), reclaimed_bytes = ctx->rax;
  struct valk_gc_call call = {};
  struct valk_gc_call_key key;
  struct valk_gc_call* open;
  struct valk_gc_heap* heap;
  __u32 losses;

  key = this_call(slot);
  open = bpf_map_lookup_elem(&gc_calls, &key);
  if (open) call = *open;
  bpf_map_delete_elem(&gc_calls, &key);
  heap = find_heap(0, slot);
  if (!heap) return;
  if (may_be_refused)
    losses = valk_gc_count_granted(heap, &call, reclaimed_bytes, now_ns);
  else
    losses = valk_gc_count_call(heap, call.begun_ns, reclaimed_bytes, now_ns);
  lose_all(slot, losses);
  read_live(heap, call.heap, slot);
  if (!may_be_refused || reclaimed_bytes != 0) tell_call(slot, heap, &call, reclaimed_bytes);
}

// Function probe at the return of the same: bytes reclaimed
static __always_inline void gc_collect_return(struct pt_regs* ctx, __u32 slot) {
  end_call(ctx, slot, false);
}

// Function probe: the thread asks for a collection that all threads take part in.
static __always_inline void gc_call(struct pt_regs* ctx, __u32 slot) {
  struct valk_gc_call call = {};
  struct valk_gc_call_key key;

  (void)ctx;
  key = this_call(slot);
  call.called_ns = bpf_ktime_get_ns();
  bpf_map_update_elem(&gc_calls, &key, &call, BPF_ANY);
}

// Function probe: the thread marks, in its own collection or in another thread's.
static __always_inline void gc_call_mark(struct pt_regs* ctx, __u32 slot) {
  struct valk_gc_call_key key;
  struct valk_gc_call* call;

  (void)ctx;
  key = this_call(slot);
  call = bpf_map_lookup_elem(&gc_calls, &key);
  if (call && call->begun_ns == 0) call->begun_ns = bpf_ktime_get_ns();
}

// Function probe at the return of the call: bytes reclaimed, 0 where it was refused
static __always_inline void gc_call_return(struct pt_regs* ctx, __u32 slot) {
  end_call(ctx, slot, true);
}

#endif
