// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
//
// Map "connections": what the connection group keeps for each endpoint.
#ifndef VALKYRIA_ABI_CONNECTION_H
#define VALKYRIA_ABI_CONNECTION_H

#include <linux/types.h>
#include <valkyria/abi/assert.h>
#include <valkyria/abi/codes.h>
#include <valkyria/abi/endpoint.h>
#include <valkyria/abi/histogram.h>

// Written by the programs with atomic adds. The transitions between active and idle and their
// times are not here but in http_servers: a request carries them.
struct valk_connections {
  __u64 transitions[VALK_STATES][VALK_STATES];  // [from][to]
  __u64 duration[VALK_STATES][VALK_BUCKETS];    // by the state that was left
  __u64 duration_sum_ns[VALK_STATES];
  __u64 named;  // 1: endpoint_names has this endpoint
};
VALK_ASSERT_SIZE(valk_connections,
                 8 * (VALK_STATES * VALK_STATES + VALK_STATES * VALK_BUCKETS + VALK_STATES + 1));

#endif
