// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
//
// The ring of single events.
#ifndef VALKYRIA_BPF_EVENTS_H
#define VALKYRIA_BPF_EVENTS_H

#include <valkyria/abi/event.h>

#include "shared.bpf.h"

struct {
  __uint(type, BPF_MAP_TYPE_RINGBUF);
  __uint(max_entries, VALK_EVENTS_BYTES);
} events SEC(".maps");

static __always_inline __u32 valk_this_thread(void) {
  return (__u32)bpf_get_current_pid_tgid();
}

// Waking the exporter would cost the target four times the event.
static __always_inline void valk_tell(struct valk_event* event) {
  if (bpf_ringbuf_output(&events, event, sizeof(*event), BPF_RB_NO_WAKEUP) != 0)
    valk_lose(event->slot, VALK_LOSS_EVENTS_FULL);
}

#endif
