// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
//
// What the function group keeps.
#ifndef VALKYRIA_ABI_FUNCTION_H
#define VALKYRIA_ABI_FUNCTION_H

#include <linux/types.h>
#include <valkyria/abi/assert.h>
#include <valkyria/abi/histogram.h>
#include <valkyria/abi/limits.h>

// By the name's text, not its address: names may be copied, freed and made again. Bytes behind the
// NUL are 0. The entry for functions past the limit has 1 as its last byte.
struct valk_function_key {
  char name[VALK_NAME_BYTES];
  __u32 slot;
  __u32 pad;
};
VALK_ASSERT_SIZE(valk_function_key, VALK_NAME_BYTES + 8);

#define VALK_USUAL_FUNCTION_ENTRIES (VALK_MAX_FUNCTIONS + VALK_USUAL_SLOTS)

// Map "functions". Written by the programs with atomic adds.
struct valk_function {
  __u64 duration[VALK_BUCKETS];
  __u64 duration_sum_ns;
};
VALK_ASSERT_SIZE(valk_function, 8 * (VALK_BUCKETS + 1));

// Map "function_calls": when the call at a depth of a context was entered. Only that thread's
// probes write it. Entries stay for the next call at that depth.
struct valk_call_key {
  __u64 context;
  __u32 slot;
  __u32 depth;
};
VALK_ASSERT_SIZE(valk_call_key, 16);

struct valk_call {
  __u64 entered_ns;  // CLOCK_MONOTONIC; 0: none is open
};
VALK_ASSERT_SIZE(valk_call, 8);

#endif
