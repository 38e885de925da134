// SPDX-License-Identifier: BSD-2-Clause
//
// A library with as much of libuv as its loops' counters are recognised by. Without debug
// information, as distributions build it.
#include <stdint.h>

struct loop {
  char before[40];
  char* internal_fields;
};

#ifndef ENTRY_TIME
#define ENTRY_TIME 136
#define IDLE_TIME 144
#endif

unsigned uv_version(void) {
  return VERSION;
}

uint64_t uv_metrics_idle_time(struct loop* loop) {
  uint64_t entry = *(volatile uint64_t*)(loop->internal_fields + ENTRY_TIME);
  uint64_t idle = *(volatile uint64_t*)(loop->internal_fields + IDLE_TIME);
  return entry + idle;
}

#if VERSION >= 0x012d00
int uv_metrics_info(struct loop* loop, void* metrics) {
  return loop != metrics;
}
#endif
