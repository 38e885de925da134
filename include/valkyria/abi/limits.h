// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
//
// Limits of the BPF maps. What is past one is counted, never dropped in silence.
#ifndef VALKYRIA_ABI_LIMITS_H
#define VALKYRIA_ABI_LIMITS_H

// Watched processes. Each costs a slot of counters (about 260 bytes).
#define VALK_MAX_TARGETS 64

// Each target has a slot, and so has the exporter, for the hits by which it finds out what a hit
// costs (src/probe/calibration.h): nobody reads what is counted there.
#define VALK_OWN_SLOT VALK_MAX_TARGETS
#define VALK_SLOTS (VALK_MAX_TARGETS + 1)

// Execs and forks that wait for the exporter: 16 bytes each with the ring's header. A power of two
// of pages. Past it, the exporter looks through /proc.
#define VALK_PROCESS_EVENTS_BYTES (64 * 1024)

// Events that wait for the exporter, which looks every tenth of a second: 120 bytes each with the
// ring's header, 8,700 in all. A power of two of pages.
#define VALK_EVENTS_BYTES (1024 * 1024)

// At most so many bytes of samples wait for the exporter, which looks ten times a second: at 999
// Hz a busy processor makes a hundred of at most 64 KiB meanwhile, unless more of a stack is asked
// for. A power of two of pages; kernel memory, only while somebody profiles.
#define VALK_SAMPLES_BYTES (16 * 1024 * 1024)

// Heaps of all targets together. A runtime has one; 64 targets restarted a few times fit.
#define VALK_MAX_GC_HEAPS 256

// Threads of all targets together that are in a call that collects.
#define VALK_MAX_GC_CALLS 1024

// Servers of all targets together, as (system, server, port, tls). An entry costs 2.8 KB in the
// http group and 1.3 KB in the connection group: 4 MB at most. Each slot has an entry for "other"
// on top.
#define VALK_MAX_ENDPOINTS 1024
#define VALK_ENDPOINT_ENTRIES (VALK_MAX_ENDPOINTS + VALK_SLOTS)

// Names are shared by the groups http, connection and loop, which may each see other endpoints.
#define VALK_MAX_ENDPOINT_NAMES (3 * VALK_MAX_ENDPOINTS)

// Evaluating threads of all targets together: 64 targets with 64 threads each.
#define VALK_MAX_EVAL_CONTEXTS 4096

// Named clients of all targets together; each slot has an entry for "other" on top.
#define VALK_MAX_CLIENTS 256
#define VALK_CLIENT_ENTRIES (VALK_MAX_CLIENTS + VALK_SLOTS)

// Functions of all targets together; each slot has an entry for "other" on top.
#define VALK_MAX_FUNCTIONS 1000

// Calls that are open at a time, as (thread, depth): 64 threads 1,024 deep. 5 MB, only while the
// group is loaded.
#define VALK_MAX_FUNCTION_CALLS 65536

// Names of systems, hosts, clients and functions, with the terminating NUL. 253 bytes would be the
// longest DNS name; BPF has 512 bytes of stack for two names and a key.
#define VALK_NAME_BYTES 64

#endif
