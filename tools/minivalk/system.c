// SPDX-License-Identifier: BSD-2-Clause
#include "system.h"

#include <stdio.h>
#include <stdlib.h>

#include "clock.h"
#include "connection.h"
#include "minivalk.h"
#include "shed.h"
#include "tasks.h"

#define STACK_BYTES (32U << 20)  // for the deepest evaluation, sanitizers included

// A turn is measured from one wait to the next: callbacks of I/O run inside of libuv's poll, so
// only libuv itself knows how long that one really waited.
static void end_turn(struct system* system, uint64_t now_ns) {
  uint64_t idle_ns = uv_metrics_idle_time(&system->loop);
  uint64_t turn_ns = now_ns - system->turn_began_ns;
  uint64_t waited_ns = idle_ns - system->idle_before_ns;
  uint64_t busy_ns = turn_ns > waited_ns ? turn_ns - waited_ns : 1;
  system->idle_before_ns = idle_ns;
  count_add(&system->counters->loop_iterations_total, 1);
  count_set(&system->counters->loop_idle_ns_total, idle_ns);
  if (busy_ns >= VALKYRIA_STALL_MIN_NS)
    histogram_observe(&system->counters->loop_stall, &HISTOGRAM_OTHER, busy_ns);
  VALKYRIA_LOOP_TURN(system->id, system->counters->name, busy_ns);
  atomic_fetch_add_explicit(&system->turns, 1, memory_order_release);
}

static void on_prepare(uv_prepare_t* prepare) {
  struct system* system = prepare->data;
  struct system* first = &system->minivalk->systems[0];
  uint64_t now_ns = clock_now_ns();
  end_turn(system, now_ns);
  // What is done between two turns belongs to neither.
  if (system == first && commands_between_turns(&system->minivalk->commands))
    now_ns = clock_now_ns();
  system->turn_began_ns = now_ns;
  if (atomic_exchange(&system->turn_wanted, false)) uv_async_send(&first->wake);
  count_set(&system->counters->loop_waits_since_ns, clock_now_ns());
}

static void on_wake(uv_async_t* wake) {
  struct system* system = wake->data;
  system_count_event(system);
  if (atomic_load(&system->stop_wanted))
    system_stop(system);
  else if (system->index == 0)
    commands_go_on(&system->minivalk->commands);
}

static void create_loop(struct system* system) {
  uv_loop_init(&system->loop);
  uv_loop_configure(&system->loop, UV_METRICS_IDLE_TIME);
  uv_prepare_init(&system->loop, &system->prepare);
  system_count_handle(system);
  system->prepare.data = system;
  uv_prepare_start(&system->prepare, on_prepare);
  uv_async_init(&system->loop, &system->wake, on_wake);
  system_count_handle(system);
  system->wake.data = system;
}

bool system_create(struct system* system, struct minivalk* minivalk, const char* name) {
  const struct options* options = &minivalk->options;
  uint32_t index = atomic_load(&minivalk_runtime.system_count);
  if (index == SYSTEMS_MAX) return false;
  struct system_counters* counters = &minivalk_runtime.systems[index];
  if (!evaluator_create(&system->evaluator, &minivalk->heap, &minivalk->symbols,
                        &minivalk_runtime.vm))
    return false;
  system->id = next_id();
  system->index = index;
  system->counters = counters;
  system->minivalk = minivalk;
  system->evaluator.minivalk = minivalk;
  system->evaluator.system = system;
  counters->id = system->id;
  counters->started_at_ns = clock_now_ns();
  snprintf(counters->name, sizeof(counters->name), "%s", name);
  count_set(&counters->arenas_total, options->arenas);
  count_set(&counters->tcp_buffers_total, options->tcp_buffers);
  count_set(&counters->connection_pool_total, options->connections);
  create_loop(system);
  atomic_store(&minivalk_runtime.system_count, index + 1);
  return true;
}

void system_run(struct system* system) {
  system->turn_began_ns = clock_now_ns();
  uv_run(&system->loop, UV_RUN_DEFAULT);
}

static void* run(void* argument) {
  struct system* system = argument;
  heap_adopt_mutator(system->evaluator.heap, &system->evaluator.mutator);
  uv_barrier_wait(&system->minivalk->thread_started);
  system_run(system);
  return NULL;
}

bool system_start(struct system* system) {
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setstacksize(&attributes, STACK_BYTES);
  system->has_thread = pthread_create(&system->thread, &attributes, run, system) == 0;
  pthread_attr_destroy(&attributes);
  if (system->has_thread) uv_barrier_wait(&system->minivalk->thread_started);
  return system->has_thread;
}

void system_stop(struct system* system) {
  struct minivalk* minivalk = system->minivalk;
  for (size_t i = 0; i < minivalk->server_count; ++i) {
    if (minivalk->servers[i].system == system) server_stop(&minivalk->servers[i]);
  }
  connections_stop(system);
  shed_stop(system);
  tasks_stop(system);
  system_close_handle(system, &system->wake, NULL);
  system_close_handle(system, &system->prepare, NULL);
}

void system_join(struct system* system) {
  if (system->has_thread) {
    atomic_store(&system->stop_wanted, true);
    uv_async_send(&system->wake);
    pthread_join(system->thread, NULL);
  } else {
    system_stop(system);
    system_run(system);
  }
}

void system_destroy(struct system* system) {
  uv_loop_close(&system->loop);
  evaluator_destroy(&system->evaluator);
}

// The first event after a wait ends it: no longer waiting, then longer idle, so that who reads both
// never counts a wait twice.
void system_count_event(struct system* system) {
  if (count_read(&system->counters->loop_waits_since_ns) != 0) {
    count_set(&system->counters->loop_waits_since_ns, 0);
    count_set(&system->counters->loop_idle_ns_total, uv_metrics_idle_time(&system->loop));
  }
  count_add(&system->counters->events_processed_total, 1);
}

void system_count_handle(struct system* system) {
  count_add(&system->counters->handles_count, 1);
}

void system_close_handle(struct system* system, void* handle, uv_close_cb closed) {
  count_subtract(&system->counters->handles_count, 1);
  uv_close(handle, closed);
}

char* system_take_tcp_buffer(struct system* system) {
  struct system_counters* counters = system->counters;
  if (count_read(&counters->tcp_buffers_used) >= count_read(&counters->tcp_buffers_total))
    return NULL;
  char* buffer = malloc(INPUT_BYTES);
  if (buffer != NULL) count_add(&counters->tcp_buffers_used, 1);
  return buffer;
}

void system_return_tcp_buffer(struct system* system, char* buffer) {
  if (buffer == NULL) return;
  free(buffer);
  count_subtract(&system->counters->tcp_buffers_used, 1);
}

bool system_take_arena(struct system* system) {
  struct system_counters* counters = system->counters;
  if (count_read(&counters->arenas_used) >= count_read(&counters->arenas_total)) {
    count_add(&counters->arena_pool_overflow_total, 1);
    return false;
  }
  count_add(&counters->arenas_used, 1);
  return true;
}

void system_return_arena(struct system* system) {
  count_subtract(&system->counters->arenas_used, 1);
}
