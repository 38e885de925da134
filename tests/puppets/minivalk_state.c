// SPDX-License-Identifier: BSD-2-Clause
//
// minivalk's counters without minivalk: a small file with the debug information that its layout is
// made from. Tests break copies of it.
#include "counters.h"

struct minivalk_runtime minivalk_runtime;

int main(void) {
  return (int)minivalk_runtime.system_count;
}
