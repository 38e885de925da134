// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
//
// Limits of the BPF maps. What is past one is counted, never dropped in silence. docs/limits.md
// adds them up.
//
// How many processes may be watched is chosen at the start (--max-targets), and the maps are made
// for that many before they are loaded (src/probe/rooms.h). The sizes here, which the programs are
// compiled with, are those for the usual number; for more processes they grow with it, for fewer
// they stay, since one process alone may have many servers.
#ifndef VALKYRIA_ABI_LIMITS_H
#define VALKYRIA_ABI_LIMITS_H

// Watched processes, unless told otherwise, and the most that can be asked for.
#define VALK_USUAL_TARGETS 64
#define VALK_MOST_TARGETS 1024

// Each target has a slot, about 300 bytes of counters, and so has the exporter, the last one, for
// the hits by which it finds out what a hit costs (src/probe/calibration.h): nobody reads what is
// counted there.
#define VALK_USUAL_SLOTS (VALK_USUAL_TARGETS + 1)

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

// Heaps of all targets together. A runtime has one; all of them restarted a few times fit.
#define VALK_HEAPS_A_TARGET 4
#define VALK_USUAL_GC_HEAPS (VALK_HEAPS_A_TARGET * VALK_USUAL_TARGETS)

// Threads of all targets together that are in a call that collects.
#define VALK_GC_CALLS_A_TARGET 16
#define VALK_USUAL_GC_CALLS (VALK_GC_CALLS_A_TARGET * VALK_USUAL_TARGETS)

// Servers of all targets together, as (system, server, port, tls). An entry costs 2.8 KB in the
// http group and 1.3 KB in the connection group: 4 MB for the usual number. Each slot has an entry
// for "other" on top.
#define VALK_ENDPOINTS_A_TARGET 16
#define VALK_USUAL_ENDPOINTS (VALK_ENDPOINTS_A_TARGET * VALK_USUAL_TARGETS)
#define VALK_USUAL_ENDPOINT_ENTRIES (VALK_USUAL_ENDPOINTS + VALK_USUAL_SLOTS)

// Names are shared by the groups http, connection and loop, which may each see other endpoints.
#define VALK_ENDPOINT_NAMES_A_TARGET (3 * VALK_ENDPOINTS_A_TARGET)
#define VALK_USUAL_ENDPOINT_NAMES (VALK_ENDPOINT_NAMES_A_TARGET * VALK_USUAL_TARGETS)

// Evaluating threads of all targets together.
#define VALK_EVAL_CONTEXTS_A_TARGET 64
#define VALK_USUAL_EVAL_CONTEXTS (VALK_EVAL_CONTEXTS_A_TARGET * VALK_USUAL_TARGETS)

// Named clients of all targets together; each slot has an entry for "other" on top.
#define VALK_CLIENTS_A_TARGET 4
#define VALK_USUAL_CLIENTS (VALK_CLIENTS_A_TARGET * VALK_USUAL_TARGETS)
#define VALK_USUAL_CLIENT_ENTRIES (VALK_USUAL_CLIENTS + VALK_USUAL_SLOTS)

// Functions of all targets together, however many these are: the group is for a look at a few. Each
// slot has an entry for "other" on top.
#define VALK_MAX_FUNCTIONS 1000

// Calls that are open at a time, as (thread, depth): 64 threads 1,024 deep. 5 MB, only while the
// group is loaded.
#define VALK_MAX_FUNCTION_CALLS 65536

// Names of systems, hosts, clients and functions, with the terminating NUL. 253 bytes would be the
// longest DNS name; BPF has 512 bytes of stack for two names and a key.
#define VALK_NAME_BYTES 64

#endif
