// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
//
// What the client group keeps for each named client.
#ifndef VALKYRIA_ABI_CLIENT_H
#define VALKYRIA_ABI_CLIENT_H

#include <linux/types.h>
#include <valkyria/abi/assert.h>
#include <valkyria/abi/histogram.h>
#include <valkyria/abi/limits.h>

struct valk_client_key {
  __u64 client;  // the runtime's id; VALK_OTHER_ID: the clients past the limit
  __u32 slot;
  __u32 pad;
};
VALK_ASSERT_SIZE(valk_client_key, 16);

// Map "client_names". Any bytes, NUL at the end.
struct valk_client_names {
  char name[VALK_NAME_BYTES];
  char type[VALK_NAME_BYTES];
};
VALK_ASSERT_SIZE(valk_client_names, 2 * VALK_NAME_BYTES);

// Column of `operations` for operations whose duration the runtime does not know.
#define VALK_CLIENT_DURATION_UNKNOWN VALK_BUCKETS
#define VALK_CLIENT_COLUMNS (VALK_BUCKETS + 1)

// Map "clients". Written by the programs with atomic adds. One add to `operations` counts the
// operation, its outcome and its latency.
struct valk_client {
  __u64 operations[2][VALK_CLIENT_COLUMNS];  // [failed]
  __u64 duration_sum_ns;
  __u64 retries;
  __u64 cache[2];  // [hit]
  __u64 named;     // 1: client_names has this client
};
VALK_ASSERT_SIZE(valk_client, 8 * (2 * VALK_CLIENT_COLUMNS + 5));

#endif
