// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
//
// Map "loops": stalls of each event loop. The key is an endpoint with server and port 0.
#ifndef VALKYRIA_ABI_LOOP_H
#define VALKYRIA_ABI_LOOP_H

#include <linux/types.h>
#include <valkyria/abi/assert.h>
#include <valkyria/abi/endpoint.h>
#include <valkyria/abi/histogram.h>

// Written by the programs with atomic adds.
struct valk_loop {
  __u64 stall[VALK_BUCKETS];
  __u64 stall_sum_ns;
  __u64 named;  // 1: endpoint_names has this system
};
VALK_ASSERT_SIZE(valk_loop, 8 * (VALK_BUCKETS + 2));

#endif
