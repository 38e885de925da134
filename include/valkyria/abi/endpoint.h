// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
//
// An endpoint: a server of an AIO system of a target. The groups http and connection count by it.
#ifndef VALKYRIA_ABI_ENDPOINT_H
#define VALKYRIA_ABI_ENDPOINT_H

#include <linux/types.h>
#include <valkyria/abi/assert.h>
#include <valkyria/abi/limits.h>

// Port and tls are part of the key: where ids are addresses, a new server at an old address gets
// an entry of its own.
struct valk_endpoint {
  __u64 system;
  __u64 server;  // 0: connections of the system that belong to no server
  __u32 slot;
  __u16 port;
  __u8 tls;
  __u8 pad;
};
VALK_ASSERT_SIZE(valk_endpoint, 24);

// The entry that counts for every server past the limit has this system and server.
#define VALK_OTHER_ID (~0ULL)

// Function probes (bpf/shared.bpf.h) are of runtimes with one AIO system, and don't tell which
// server: their entries have this system and server 0, and no names.
#define VALK_ONLY_SYSTEM (~1ULL)

// Map "endpoint_names". Written once by the programs, from the target's memory: any bytes, NUL at
// the end.
struct valk_endpoint_names {
  char system[VALK_NAME_BYTES];
  char host[VALK_NAME_BYTES];
};
VALK_ASSERT_SIZE(valk_endpoint_names, 2 * VALK_NAME_BYTES);

#endif
