// SPDX-License-Identifier: BSD-2-Clause
//
// Everything alive in the process; what it counts is in counters.h.
#ifndef MINIVALK_MINIVALK_H
#define MINIVALK_MINIVALK_H

#include <uv.h>

#include "client.h"
#include "commands.h"
#include "evaluator.h"
#include "options.h"
#include "script.h"
#include "server.h"
#include "system.h"

struct minivalk {
  struct options options;
  uv_loop_t loop;
  uv_signal_t signals[2];
  struct symbol_table symbols;
  struct heap heap;
  struct evaluator evaluator;
  struct system systems[SYSTEMS_MAX];
  struct server servers[SERVERS_MAX];
  size_t system_count;
  size_t server_count;
  struct clients clients;
  struct commands commands;
  struct script script;
  bool stopping;
};

// Closes every handle, so that the loop ends by itself.
void minivalk_stop(struct minivalk* minivalk);

#endif  // MINIVALK_MINIVALK_H
