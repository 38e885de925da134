// SPDX-License-Identifier: BSD-2-Clause
//
// Everything alive in the process; what it counts is in counters.h.
#ifndef MINIVALK_MINIVALK_H
#define MINIVALK_MINIVALK_H

#include <uv.h>

#include "client.h"
#include "commands.h"
#include "options.h"
#include "script.h"
#include "server.h"
#include "system.h"

struct minivalk {
  struct options options;
  uv_signal_t signals[2];
  struct symbol_table symbols;
  struct heap heap;
  struct system systems[SYSTEMS_MAX];
  struct server servers[SERVERS_MAX];
  size_t system_count;
  size_t server_count;
  uv_barrier_t thread_started;
  struct clients clients;
  struct commands commands;
  struct script script;
  _Atomic uint32_t accepts_to_fail;
  bool stopping;
};

// Ends the other systems' threads, and closes every handle of the first, so that its loop ends by
// itself. In the main thread.
void minivalk_stop(struct minivalk* stopped);

#endif  // MINIVALK_MINIVALK_H
