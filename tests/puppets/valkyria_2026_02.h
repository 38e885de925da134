// SPDX-License-Identifier: BSD-2-Clause
//
// The structures of the Valkyria runtime of February 2026 as far as they are read: names and
// nesting as there, and otherwise as we like.
#pragma once

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { CLASSES = 9, SUBSYSTEMS = 16, THREADS = 64 };

typedef enum {
  INIT,
  HANDSHAKING,
  ESTABLISHED,
  GOAWAY_SENT,
  DRAINING,
  CLOSING,
  CLOSED,
  ERROR,
} connection_state_e;

typedef struct {
  const char* key;
  const char* value;
} valk_label_v2_t;

typedef struct {
  valk_label_v2_t labels[8];
  uint8_t count;
  uint32_t hash;
} valk_label_set_v2_t;

typedef struct {
  const char* name;
  const char* help;
  valk_label_set_v2_t labels;
  _Atomic uint64_t value;
  _Atomic bool active;
} valk_counter_v2_t;

typedef struct {
  const char* name;
  const char* help;
  valk_label_set_v2_t labels;
  _Atomic int64_t value;
  _Atomic bool active;
} valk_gauge_v2_t;

typedef struct {
  const char* name;
  const char* help;
  valk_label_set_v2_t labels;
  double bucket_bounds[32];
  uint8_t bucket_count;
  _Atomic uint64_t buckets[33];
  _Atomic uint64_t count;
  _Atomic uint64_t sum_micros;
  _Atomic bool active;
} valk_histogram_v2_t;

typedef struct {
  valk_counter_v2_t counters[64];
  _Atomic uint64_t counter_count;
  valk_gauge_v2_t gauges[16];
  _Atomic uint64_t gauge_count;
  valk_histogram_v2_t histograms[8];
  _Atomic uint64_t histogram_count;
  uint64_t start_time_us;
} valk_metrics_registry_t;

typedef struct {
  int type;
  size_t itemSize;
  size_t numItems;
  size_t numFree;
  uint64_t overflowCount;
  uint8_t heap[];
} valk_slab_t;

typedef struct {
  _Atomic size_t total_slots;
  _Atomic size_t used_slots;
  uint16_t slot_size;
} valk_gc_page_list_t;

typedef struct valk_gc_heap {
  int type;
  valk_gc_page_list_t classes[CLASSES];
  _Atomic size_t used_bytes;
  _Atomic size_t large_object_bytes;
  size_t hard_limit;
  size_t soft_limit;
  struct valk_lenv_t* root_env;
  uint8_t gc_threshold_pct;
  struct {
    _Atomic size_t peak_usage;
  } stats;
  struct {
    _Atomic uint64_t cycles_total;
    _Atomic uint64_t pause_us_total;
    _Atomic uint64_t pause_us_max;
    _Atomic size_t reclaimed_bytes_total;
    _Atomic size_t last_heap_before_gc;
    _Atomic size_t last_reclaimed;
  } runtime_metrics;
} valk_gc_heap_t;

typedef struct {
  void (*stop)(void* ctx);
  void (*wait)(void* ctx);
  void (*destroy)(void* ctx);
  void* ctx;
} valk_subsystem_t;

typedef struct {
  void* ctx;
  pthread_t thread_id;
  bool active;
} valk_gc_thread_info_t;

typedef struct valk_system {
  valk_gc_heap_t* heap;
  valk_gc_thread_info_t threads[THREADS];
  valk_subsystem_t subsystems[SUBSYSTEMS];
  int subsystem_count;
  _Atomic bool shutting_down;
} valk_system_t;

typedef struct {
  _Atomic uint64_t evals_total;
  _Atomic uint64_t function_calls;
  _Atomic uint64_t builtin_calls;
  _Atomic uint32_t stack_depth;
  uint32_t stack_depth_max;
  _Atomic uint64_t closures_created;
  _Atomic uint64_t env_lookups;
} valk_eval_metrics_t;

typedef struct {
  struct {
    uint64_t loop_count, events, events_waiting;
  } metrics;
  uint64_t provider_entry_time;
  uint64_t provider_idle_time;
} uv__loop_metrics_t;

typedef struct {
  unsigned flags;
  uv__loop_metrics_t loop_metrics;
} uv__loop_internal_fields_t;

typedef struct {
  void* data;
  void* internal_fields;
} uv_loop_t;

typedef struct {
  long uv[4];
  void* user_data;
} valk_io_tcp_t;

typedef struct valk_aio_handle_t {
  uint32_t magic;
  int kind;
  struct valk_aio_handle_t* prev;
  struct valk_aio_handle_t* next;
  void* arg;
  void (*onClose)(struct valk_aio_handle_t*);
  union {
    valk_io_tcp_t tcp;
    long task[2];
  } uv;
  struct {
    connection_state_e state;
    void* server;
    int active_streams;
  } http;
} valk_aio_handle_t;

typedef struct valk_aio_metrics_v2 {
  valk_counter_v2_t *requests_total, *requests_errors;
  valk_counter_v2_t *connections_total, *connections_failed;
  valk_counter_v2_t *streams_total, *bytes_sent_total, *bytes_recv_total;
} valk_aio_metrics_v2_t;

typedef struct valk_aio_system_stats_v2 {
  valk_gauge_v2_t* servers_count;
  valk_counter_v2_t *arena_pool_overflow, *tcp_buffer_overflow, *connections_rejected_load;
} valk_aio_system_stats_v2_t;

typedef struct {
  void* metrics_v2;
  void* system_stats_v2;
} valk_aio_metrics_state_t;

typedef struct valk_aio_system {
  struct {
    uint32_t arena_pool_size, tcp_buffer_pool_size;
  } config;
  char name[64];
  uv_loop_t* eventloop;
  valk_slab_t* httpStreamArenas;
  valk_slab_t* tcpBufferSlab;
  valk_slab_t* handleSlab;
  valk_aio_handle_t liveHandles;
  _Atomic bool shuttingDown;
  valk_aio_metrics_state_t* metrics_state;
} valk_aio_system_t;
