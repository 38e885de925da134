// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
//
// What the eval group keeps.
#ifndef VALKYRIA_ABI_EVAL_H
#define VALKYRIA_ABI_EVAL_H

#include <linux/types.h>
#include <valkyria/abi/assert.h>
#include <valkyria/abi/codes.h>
#include <valkyria/abi/histogram.h>

// Map "evals": slot to this. Written by the programs with atomic adds.
struct valk_evals {
  __u64 duration[VALK_EVAL_KINDS][VALK_BUCKETS];
  __u64 duration_sum_ns[VALK_EVAL_KINDS];
};
VALK_ASSERT_SIZE(valk_evals, 8 * VALK_EVAL_KINDS * (VALK_BUCKETS + 1));

// Map "open_evals": the evaluation that a context is in. Only that thread's probes write it. An
// entry stays when its evaluation ends, for the next one, so that none is made or deleted in
// steady state.
struct valk_eval_context {
  __u64 context;  // the runtime's id of the evaluating thread
  __u32 slot;
  __u32 pad;
};
VALK_ASSERT_SIZE(valk_eval_context, 16);

struct valk_open_eval {
  __u64 begun_ns;  // CLOCK_MONOTONIC; 0: none is open
  __u64 kind;
};
VALK_ASSERT_SIZE(valk_open_eval, 16);

#endif
