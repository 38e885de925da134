// SPDX-License-Identifier: BSD-2-Clause
#include "settle.h"

#include "minivalk.h"

static void on_limit(uv_timer_t* timer) {
  struct settle* settle = timer->data;
  system_count_event(&settle->minivalk->systems[0]);
  settle->late = true;
}

void settle_create(struct settle* settle, struct minivalk* minivalk) {
  settle->minivalk = minivalk;
  uv_timer_init(&minivalk->systems[0].loop, &settle->limit);
  system_count_handle(&minivalk->systems[0]);
  settle->limit.data = settle;
}

void settle_stop(struct settle* settle) {
  system_close_handle(&settle->minivalk->systems[0], &settle->limit, NULL);
}

void settle_begin(struct settle* settle) {
  struct minivalk* minivalk = settle->minivalk;
  settle->waiting = true;
  settle->late = false;
  for (size_t i = 1; i < minivalk->system_count; ++i) {
    struct system* system = &minivalk->systems[i];
    settle->turns_wanted[i] = atomic_load_explicit(&system->turns, memory_order_acquire) + 1;
    atomic_store(&system->turn_wanted, true);
    uv_async_send(&system->wake);
  }
  uv_update_time(settle->limit.loop);
  uv_timer_start(&settle->limit, on_limit, SETTLE_MS_MAX, 0);
}

bool settle_is_over(struct settle* settle) {
  struct minivalk* minivalk = settle->minivalk;
  if (!settle->waiting) return false;
  for (size_t i = 1; i < minivalk->system_count && !settle->late; ++i) {
    uint64_t turns = atomic_load_explicit(&minivalk->systems[i].turns, memory_order_acquire);
    if (turns < settle->turns_wanted[i]) return false;
  }
  settle->waiting = false;
  uv_timer_stop(&settle->limit);
  return true;
}
