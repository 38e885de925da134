// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
//
// Limits of the BPF maps. What is past one is counted, never dropped in silence.
#ifndef VALKYRIA_ABI_LIMITS_H
#define VALKYRIA_ABI_LIMITS_H

// Watched processes. Each costs a slot of counters (about 200 bytes).
#define VALK_MAX_TARGETS 16

// Heaps of all targets together. A runtime has one; 16 targets restarted a few times fit.
#define VALK_MAX_GC_HEAPS 256

// Servers of all targets together, as (system, server, port, tls). An entry costs 2.6 KB in the
// http group and 1.3 KB in the connection group: 4 MB at most. Each target takes one for "other".
#define VALK_MAX_ENDPOINTS 1024

// Names of systems and hosts, with the terminating NUL. 253 bytes would be the longest DNS name;
// BPF has 512 bytes of stack for two names and a key.
#define VALK_NAME_BYTES 64

#endif
