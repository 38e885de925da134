// SPDX-License-Identifier: BSD-2-Clause
//
// What both units of layout_puppet know.
#ifndef VALKYRIA_TESTS_LAYOUT_PUPPET_H
#define VALKYRIA_TESTS_LAYOUT_PUPPET_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

// Only declared for layout_puppet.c; defined for layout_puppet_other.c.
struct elsewhere;

extern struct elsewhere* elsewhere_pointer;

// Nobody uses it, but it stays.
#define KEPT __attribute__((used))

// One line of truth: `path kind size offset[,offset...] [stride*count...]`.
#define TELL(path, kind, object, offset) \
  printf("%s %s %zu %zu\n", path, kind, sizeof(object), (size_t)(offset))

void tell_elsewhere(void);

#endif  // VALKYRIA_TESTS_LAYOUT_PUPPET_H
