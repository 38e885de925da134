// SPDX-License-Identifier: BSD-2-Clause
//
// An AIO system: an event loop in a thread of its own, the evaluator that runs on it, and the
// connections that it serves. The first system has the main thread. Everything in here belongs to
// the system's thread, but for the atomics, `wake` and what never changes.
#ifndef MINIVALK_SYSTEM_H
#define MINIVALK_SYSTEM_H

#include <pthread.h>
#include <stdbool.h>
#include <uv.h>

#include "counters.h"
#include "evaluator.h"

#define TASKS_MAX 64  // per system
#define INPUT_BYTES 16384

struct connection;
struct minivalk;
struct shed;
struct task;

struct system {
  uint64_t id;
  uint32_t index;
  struct system_counters* counters;
  struct minivalk* minivalk;
  struct evaluator evaluator;
  pthread_t thread;
  bool has_thread;
  uv_loop_t loop;
  uv_prepare_t prepare;
  uv_async_t wake;
  _Atomic bool stop_wanted;
  _Atomic bool turn_wanted;  // somebody waits for the end of the turn
  _Atomic uint64_t turns;    // that have ended and are counted
  uint64_t turn_began_ns;
  uint64_t idle_before_ns;  // of the whole loop, when this turn began
  struct connection* connections;
  struct shed* shed;
  size_t shed_count;
  struct task* tasks;
  size_t task_count;
  char spare_input[INPUT_BYTES];  // for what arrives when there is no TCP buffer
};

// To be called in the main thread, before any thread is started.
bool system_create(struct system* system, struct minivalk* minivalk, const char* name);

// Starts the thread and returns when it is a Lisp thread of the heap. False: there is no thread.
bool system_start(struct system* system);

// Runs the loop, whose first turn begins here: what comes before is no stall.
void system_run(struct system* system);

// Closes every handle of the loop, so that it ends by itself; in the system's own thread.
void system_stop(struct system* system);

// Has a system other than the first one stop, and waits for its end.
void system_join(struct system* system);

// After the end of its loop.
void system_destroy(struct system* system);

// Every callback of the loop calls this first.
void system_count_event(struct system* system);

// Handles are counted from init to the call of close.
void system_count_handle(struct system* system);
void system_close_handle(struct system* system, void* handle, uv_close_cb closed);

// INPUT_BYTES, NULL when all TCP buffers are taken.
char* system_take_tcp_buffer(struct system* system);
void system_return_tcp_buffer(struct system* system, char* buffer);

// False when all stream arenas are taken.
bool system_take_arena(struct system* system);
void system_return_arena(struct system* system);

#endif  // MINIVALK_SYSTEM_H
