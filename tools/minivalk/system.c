// SPDX-License-Identifier: BSD-2-Clause
#include "system.h"

#include <stdio.h>

#include "clock.h"
#include "connection.h"
#include "minivalk.h"
#include "tasks.h"

// A turn is measured from one wait to the next: callbacks of I/O run inside of libuv's poll, so
// only libuv itself knows how long that one really waited.
static void on_prepare(uv_prepare_t* prepare) {
  struct system* system = prepare->data;
  uint64_t now_ns = clock_now_ns();
  uint64_t idle_ns = uv_metrics_idle_time(system->loop);
  uint64_t turn_ns = now_ns - system->turn_began_ns;
  uint64_t waited_ns = idle_ns - system->idle_before_ns;
  uint64_t busy_ns = turn_ns > waited_ns ? turn_ns - waited_ns : 1;
  system->turn_began_ns = now_ns;
  system->idle_before_ns = idle_ns;
  count_add(&system->counters->loop_iterations_total, 1);
  count_set(&system->counters->loop_idle_ns_total, idle_ns);
  if (busy_ns >= VALKYRIA_STALL_MIN_NS)
    histogram_observe(&system->counters->loop_stall, &HISTOGRAM_OTHER, busy_ns);
  VALKYRIA_LOOP_TURN(system->id, system->counters->name, busy_ns);
}

static void start_turns(struct system* system) {
  uv_prepare_init(system->loop, &system->prepare);
  system_count_handle(system);
  system->prepare.data = system;
  system->turn_began_ns = clock_now_ns();
  uv_prepare_start(&system->prepare, on_prepare);
}

bool system_create(struct system* system, struct minivalk* minivalk, const char* name,
                   bool owns_loop) {
  uint32_t index = atomic_load(&minivalk_runtime.system_count);
  if (index == SYSTEMS_MAX) return false;
  struct system_counters* counters = &minivalk_runtime.systems[index];
  system->id = next_id();
  system->index = index;
  system->counters = counters;
  system->minivalk = minivalk;
  system->evaluator = &minivalk->evaluator;
  system->loop = &minivalk->loop;
  counters->id = system->id;
  counters->started_at_ns = clock_now_ns();
  counters->owns_loop = owns_loop;
  snprintf(counters->name, sizeof(counters->name), "%s", name);
  count_set(&counters->connection_pool_total, CONNECTIONS_MAX);
  if (owns_loop) start_turns(system);
  atomic_store(&minivalk_runtime.system_count, index + 1);
  return true;
}

void system_stop(struct system* system) {
  connections_stop(system);
  tasks_stop(system);
  if (system->counters->owns_loop) system_close_handle(system, &system->prepare, NULL);
}

void system_count_event(struct system* system) {
  count_add(&system->counters->events_processed_total, 1);
}

void system_count_handle(struct system* system) {
  count_add(&system->counters->handles_count, 1);
}

void system_close_handle(struct system* system, void* handle, uv_close_cb closed) {
  count_subtract(&system->counters->handles_count, 1);
  uv_close(handle, closed);
}
