// SPDX-License-Identifier: BSD-2-Clause
//
// Everything that minivalk counts, in one global struct without pointers, so that a reader outside
// of the process finds each number through one symbol and its debug information, and gets all of
// them with one read. Every counter is written with relaxed atomics by whichever thread the event
// happens on; nothing here is ever freed or moved.
#ifndef MINIVALK_COUNTERS_H
#define MINIVALK_COUNTERS_H

#include <stdatomic.h>
#include <stdint.h>
#include <valkyria/probes.h>

#include "histogram.h"

#define SYSTEMS_MAX 8
#define SERVERS_MAX 16
#define CLIENTS_MAX 16
#define NAME_BYTES_MAX 32
#define CONNECTION_STATES (VALKYRIA_STATE_CLOSED + 1)
#define EVAL_KINDS (VALKYRIA_EVAL_TASK + 1)

struct gc_counters {
  counter_u64 cycles_total;
  counter_u64 pause_ns_total;
  counter_u64 pause_ns_max;
  counter_u64 reclaimed_bytes_total;
  counter_u64 heap_used_bytes;
  counter_u64 heap_total_bytes;
  counter_u64 heap_peak_bytes;
  counter_u64 heap_live_bytes;  // this and the next: right after the last collection, 0 before
  counter_u64 last_collection_unix_ns;
  counter_u64 trigger_bytes;
  counter_u64 exhausted_total;  // allocations refused because the heap was full
  struct histogram pause;
  struct histogram time_to_safepoint;
};

struct vm_counters {
  counter_u64 evals_total;
  counter_u64 function_calls_total;
  counter_u64 builtin_calls_total;
  counter_u64 stack_depth_max;
  counter_u64 closures_created_total;
  counter_u64 env_lookups_total;
  struct histogram eval_duration[EVAL_KINDS];  // by enum valkyria_eval_kind
};

struct system_counters {
  uint64_t id;
  uint64_t started_at_ns;  // CLOCK_MONOTONIC
  char name[NAME_BYTES_MAX];
  counter_u64 loop_iterations_total;
  counter_u64 loop_idle_ns_total;   // waits that are over
  counter_u64 loop_waits_since_ns;  // CLOCK_MONOTONIC; 0: it works. After the sum: read so, too
  counter_u64 events_processed_total;
  counter_u64 servers_count;
  counter_u64 clients_count;
  counter_u64 handles_count;
  counter_u64 arenas_used;
  counter_u64 arenas_total;
  counter_u64 arena_pool_overflow_total;
  counter_u64 tcp_buffers_used;
  counter_u64 tcp_buffers_total;
  counter_u64 tcp_buffer_overflow_total;
  counter_u64 queue_depth;  // nothing is queued between threads here: always 0
  counter_u64 connections_total;
  counter_u64 connections_failed;
  counter_u64 connections_rejected_load_total;
  counter_u64 connections_connecting;
  counter_u64 connections_active;
  counter_u64 connections_idle;
  counter_u64 connections_closing;
  counter_u64 connection_pool_total;
  counter_u64 connection_pool_used;
  counter_u64 streams_total;
  counter_u64 streams_active;
  counter_u64 requests_total;
  counter_u64 requests_active;
  counter_u64 requests_errors;
  counter_u64 pending_requests;   // not all of the request has arrived
  counter_u64 pending_responses;  // the answer waits for a timer
  counter_u64 bytes_sent_total;
  counter_u64 bytes_recv_total;
  counter_u64 transitions[CONNECTION_STATES][CONNECTION_STATES];  // [from][to]
  struct histogram state_duration[CONNECTION_STATES];
  struct histogram loop_stall;
};

struct server_counters {
  uint64_t id;
  uint32_t system;  // index into systems
  uint32_t port;
  char host[NAME_BYTES_MAX];
  char protocol[NAME_BYTES_MAX];
  counter_u64 requests_2xx_total;
  counter_u64 requests_3xx_total;
  counter_u64 requests_4xx_total;
  counter_u64 requests_5xx_total;
  counter_u64 requests_other_total;
  counter_u64 connections_active;
  counter_u64 bytes_sent_total;
  counter_u64 bytes_recv_total;
  counter_u64 overload_responses_total;
  struct histogram request_duration;
};

struct client_counters {
  uint64_t id;
  uint32_t system;
  uint32_t reserved;
  char name[NAME_BYTES_MAX];
  char type[NAME_BYTES_MAX];
  counter_u64 connections_active;
  counter_u64 pool_size;
  counter_u64 operations_total;
  counter_u64 errors_total;
  counter_u64 retries_total;
  counter_u64 cache_hits_total;
  counter_u64 cache_misses_total;
  struct histogram operation_duration;
};

// Entries below a count are complete before the count includes them.
struct minivalk_runtime {
  _Atomic uint32_t system_count;
  _Atomic uint32_t server_count;
  _Atomic uint32_t client_count;
  uint32_t reserved;
  counter_u64 last_id;  // of systems, servers, connections, evaluators, clients: never reused
  struct gc_counters gc;
  struct vm_counters vm;
  struct system_counters systems[SYSTEMS_MAX];
  struct server_counters servers[SERVERS_MAX];
  struct client_counters clients[CLIENTS_MAX];
};

extern struct minivalk_runtime minivalk_runtime;

static inline void count_add(counter_u64* counter, uint64_t amount) {
  atomic_fetch_add_explicit(counter, amount, memory_order_relaxed);
}

static inline void count_subtract(counter_u64* counter, uint64_t amount) {
  atomic_fetch_sub_explicit(counter, amount, memory_order_relaxed);
}

static inline uint64_t count_read(counter_u64* counter) {
  return atomic_load_explicit(counter, memory_order_relaxed);
}

static inline void count_set(counter_u64* counter, uint64_t value) {
  atomic_store_explicit(counter, value, memory_order_relaxed);
}

static inline void count_raise(counter_u64* counter, uint64_t value) {
  uint64_t seen = count_read(counter);
  while (value > seen && !atomic_compare_exchange_weak_explicit(
                             counter, &seen, value, memory_order_relaxed, memory_order_relaxed)) {
  }
}

static inline uint64_t next_id(void) {
  return atomic_fetch_add(&minivalk_runtime.last_id, 1) + 1;
}

#endif  // MINIVALK_COUNTERS_H
