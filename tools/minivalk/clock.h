// SPDX-License-Identifier: BSD-2-Clause
#ifndef MINIVALK_CLOCK_H
#define MINIVALK_CLOCK_H

#include <stdint.h>
#include <time.h>

static inline uint64_t clock_now_ns(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (uint64_t)now.tv_sec * 1000000000U + (uint64_t)now.tv_nsec;
}

// Nanoseconds since 1970.
static inline uint64_t clock_unix_ns(void) {
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  return (uint64_t)now.tv_sec * 1000000000U + (uint64_t)now.tv_nsec;
}

// At least 1: the probes take 0 for "unknown".
static inline uint64_t clock_elapsed_ns(uint64_t since_ns, uint64_t now_ns) {
  return now_ns > since_ns ? now_ns - since_ns : 1;
}

#endif  // MINIVALK_CLOCK_H
