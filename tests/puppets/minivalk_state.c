// SPDX-License-Identifier: BSD-2-Clause
//
// minivalk's counters and heap without minivalk: a small file with the debug information that its
// layout is made from. Tests break copies of it.
#include "counters.h"
#include "heap.h"

struct minivalk_runtime minivalk_runtime;

struct minivalk {
  struct heap heap;
} minivalk;

int main(void) {
  return (int)minivalk_runtime.system_count + (minivalk.heap.mutators[0] != NULL);
}
