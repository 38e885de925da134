// SPDX-License-Identifier: BSD-2-Clause
//
// A second unit: it defines what the first only declares.
#include "layout_puppet.h"

struct elsewhere {
  uint16_t first;
  uint64_t second;
  char third[7];
};

KEPT struct elsewhere* elsewhere_pointer;
KEPT static uint64_t told_twice = 2;

void tell_elsewhere(void) {
  printf("elsewhere_pointer->second unsigned %zu 0,%zu\n", sizeof elsewhere_pointer->second,
         offsetof(struct elsewhere, second));
  printf("elsewhere_user->third text %zu 0,%zu\n", sizeof elsewhere_pointer->third,
         offsetof(struct elsewhere, third));
}
