// SPDX-License-Identifier: BSD-2-Clause
//
// A turn of a loop is counted at its end, so what a client has seen already may still be on its way
// into the counters. Settling lets every loop end the turn it is in, so that what is read
// afterwards has all of it; a loop that hangs is waited for only so long.
#ifndef MINIVALK_SETTLE_H
#define MINIVALK_SETTLE_H

#include <stdbool.h>
#include <uv.h>

#include "counters.h"

#define SETTLE_MS_MAX 250

struct minivalk;

struct settle {
  struct minivalk* minivalk;
  uv_timer_t limit;
  bool waiting;
  bool late;
  uint64_t turns_wanted[SYSTEMS_MAX];
};

// All of it in the main thread.
void settle_create(struct settle* settle, struct minivalk* minivalk);
void settle_stop(struct settle* settle);

void settle_begin(struct settle* settle);

// To be asked at the end of a turn. True once for each begin.
bool settle_is_over(struct settle* settle);

#endif  // MINIVALK_SETTLE_H
