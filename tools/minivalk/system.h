// SPDX-License-Identifier: BSD-2-Clause
//
// An AIO system: an event loop, the evaluator that runs on it, and the connections that it serves.
// As long as there is one loop, the first system owns it and the others share it.
#ifndef MINIVALK_SYSTEM_H
#define MINIVALK_SYSTEM_H

#include <stdbool.h>
#include <uv.h>

#include "counters.h"

#define CONNECTIONS_MAX 1024  // per system
#define TASKS_MAX 64          // per system

struct connection;
struct evaluator;
struct minivalk;
struct task;

struct system {
  uint64_t id;
  uint32_t index;
  struct system_counters* counters;
  struct minivalk* minivalk;
  struct evaluator* evaluator;
  uv_loop_t* loop;
  uv_prepare_t prepare;
  uint64_t turn_began_ns;
  uint64_t idle_before_ns;  // of the whole loop, when this turn began
  struct connection* connections;
  struct task* tasks;
  size_t task_count;
};

bool system_create(struct system* system, struct minivalk* minivalk, const char* name,
                   bool owns_loop);
void system_stop(struct system* system);

// Every callback of the loop calls this first.
void system_count_event(struct system* system);

// Handles are counted from init to the call of close.
void system_count_handle(struct system* system);
void system_close_handle(struct system* system, void* handle, uv_close_cb closed);

#endif  // MINIVALK_SYSTEM_H
