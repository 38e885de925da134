// SPDX-License-Identifier: BSD-2-Clause
//
// Has memory in the shape of the Valkyria runtime of December 2025: its symbols, and the fields of
// its structures that are read, nested as there and otherwise as we like. A line on stdin, "done"
// on stdout:
//
//   start           creates the AIO system; before, its pointer is null, as at the runtime's start
//   heap N          has N bytes of objects in the heap
//   connections A I C   server connections: A with an open stream, I without, C closing
//   freed           makes one connection point back at another handle, as freed ones may
//   loop            makes the list of handles end in itself
//   redirect N      answers N requests with a status of no class
//   serve           answers requests as fast as it can, until the next line, and sheds every other
//   drop            forgets the counter of class 5xx
//   count N         says that there are N counters
//   application     registers what an application might: shop_*, and names that others have
//   hostile         registers what no honest runtime would
//   collect         fires gc__end, where it is built with a probe
//   lisp            evaluates (outer) as often as it can, until the next line
//   jumps           the same of (jumper)
//   anew            says that the arena of the evaluator was used anew
//   churn           changes the list as fast as it can, until the next line
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "valkyria_2025_12_lisp.h"

#ifdef WITH_PROBE
#include <valkyria/probes.h>
#else
#define VALKYRIA_GC_END(...) ((void)0)
#endif

enum { HANDLES = 64 };

typedef enum { INIT, ESTABLISHED, CLOSING, CLOSED } connection_state_e;

typedef struct {
  int type;
  size_t itemSize;
  size_t numItems;
  size_t numFree;
  uint8_t heap[];
} valk_slab_t;

typedef struct {
  _Atomic uint64_t cycles_total;
  _Atomic uint64_t pause_us_total;
  _Atomic uint64_t pause_us_max;
  _Atomic uint64_t reclaimed_bytes_total;
} valk_gc_runtime_metrics_t;

typedef struct {
  size_t allocated_bytes;
  size_t gc_threshold;
  size_t hard_limit;
  valk_lenv_t* root_env;
  valk_slab_t* lval_slab;
  struct {
    size_t peak_usage;
  } stats;
  valk_gc_runtime_metrics_t runtime_metrics;
} valk_gc_malloc_heap_t;

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
  const char* key;
  const char* value;
} valk_label_t;

typedef struct {
  valk_label_t labels[8];
  uint8_t count;
} valk_labels_t;

typedef struct {
  const char* name;
  valk_labels_t labels;
  _Atomic uint64_t value;
} valk_counter_t;

typedef struct {
  const char* name;
  valk_labels_t labels;
  _Atomic int64_t value;
} valk_gauge_t;

typedef struct {
  const char* name;
  valk_labels_t labels;
  _Atomic uint64_t count;
  _Atomic uint64_t sum_us;
  _Atomic uint64_t buckets[17];
  double bucket_bounds[16];
  uint8_t bucket_count;
} valk_histogram_t;

typedef struct {
  valk_counter_t counters[32];
  _Atomic size_t counter_count;
  valk_gauge_t gauges[8];
  _Atomic size_t gauge_count;
  valk_histogram_t histograms[8];
  _Atomic size_t histogram_count;
} valk_metrics_store_t;

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

typedef struct valk_aio_handle_t {
  int kind;
  struct valk_aio_handle_t* prev;
  struct valk_aio_handle_t* next;
  void* arg;
  void (*onClose)(struct valk_aio_handle_t*);
} valk_aio_handle_t;

typedef struct valk_aio_http_conn {
  connection_state_e state;
  valk_aio_handle_t* handle;
  void* server;
  int active_streams;
} valk_aio_http_conn;

typedef struct {
  _Atomic uint64_t requests_total, requests_errors, bytes_sent_total, bytes_recv_total;
  _Atomic uint64_t connections_total, connections_failed, streams_total;
  uint64_t start_time_us;
} valk_aio_metrics_t;

typedef struct {
  _Atomic uint64_t servers_count, arena_pool_overflow, tcp_buffer_overflow;
  uint64_t arenas_total, tcp_buffers_total;
  _Atomic uint64_t connections_rejected_load;
} valk_aio_system_stats_t;

typedef struct {
  char name[64];
  char type[32];
  _Atomic uint64_t pool_size, operations_total, errors_total, retries_total;
  _Atomic uint64_t cache_hits_total, cache_misses_total, latency_us_sum, latency_count;
} valk_http_client_metrics_t;

typedef struct {
  char name[64];
  uv_loop_t* eventloop;
  valk_slab_t* httpStreamArenas;
  valk_slab_t* tcpBufferSlab;
  valk_slab_t* handleSlab;
  valk_aio_handle_t liveHandles;
  valk_aio_metrics_t metrics;
  valk_aio_system_stats_t system_stats;
  struct {
    size_t request_idx;
    size_t request_count;
    size_t response_idx;
    size_t response_count;
  } http_queue;
  struct {
    valk_http_client_metrics_t clients[4];
    _Atomic uint32_t count;
  } http_clients;
} valk_aio_system_t;

static valk_slab_t cell_slab = {.itemSize = 96, .numItems = 1000, .numFree = 990};
static valk_gc_malloc_heap_t heap = {
    .allocated_bytes = 5000,
    .gc_threshold = 16 << 20,
    .hard_limit = 250 << 20,
    .root_env = &root_environment,
    .lval_slab = &cell_slab,
    .stats = {.peak_usage = 7000},
    .runtime_metrics = {3, 1500, 900, 4096},
};
// Volatile, or the compiler has no need of it.
static valk_gc_malloc_heap_t* volatile g_heap_for_signal = &heap;
valk_eval_metrics_t g_eval_metrics = {.evals_total = 11,
                                      .function_calls = 12,
                                      .builtin_calls = 13,
                                      .stack_depth_max = 14,
                                      .closures_created = 15,
                                      .env_lookups = 16};
valk_metrics_store_t g_valk_metrics;
valk_aio_system_t* valk_aio_active_system;

// The slab's head and its items, as one: the list is checked against it.
static struct {
  valk_slab_t head;
  valk_aio_handle_t handles[HANDLES];
} handle_slab = {.head = {.itemSize = sizeof(valk_aio_handle_t), .numItems = HANDLES}};
static valk_slab_t arenas = {.numItems = 20, .numFree = 17};
static valk_slab_t buffers = {.numItems = 40, .numFree = 38};
static valk_aio_http_conn connections[HANDLES];
static uv__loop_internal_fields_t loop_fields;
static uv_loop_t loop = {NULL, &loop_fields};
static valk_aio_system_t the_system;
static int server;
static atomic_bool churning;

// It marks the handle of a connection; nobody calls it here.
__attribute__((noinline)) static void __valk_aio_http2_on_disconnect(valk_aio_handle_t* handle) {
  handle->kind = 0;
}

static void other_on_close(valk_aio_handle_t* handle) {
  handle->kind = 1;
}

static void link_handles(int count) {
  valk_aio_handle_t* previous = &the_system.liveHandles;
  for (int i = 0; i < count; ++i) {
    valk_aio_handle_t* handle = &handle_slab.handles[i];
    handle->prev = previous;
    handle->next = NULL;
    previous->next = handle;
    previous = handle;
  }
  previous->next = NULL;
}

// Connections on the first handles, and behind them one handle that is none, as a timer's.
static void connect_all(int active, int idle, int closing) {
  int count = active + idle + closing;
  for (int i = 0; i < count; ++i) {
    valk_aio_http_conn* connection = &connections[i];
    connection->state = i < active + idle ? ESTABLISHED : CLOSING;
    connection->active_streams = i < active ? 2 : 0;
    connection->server = &server;
    connection->handle = &handle_slab.handles[i];
    handle_slab.handles[i].arg = connection;
    handle_slab.handles[i].onClose = __valk_aio_http2_on_disconnect;
  }
  handle_slab.handles[count].arg = &server;
  handle_slab.handles[count].onClose = other_on_close;
  link_handles(count + 1);
  handle_slab.head.numFree = HANDLES - (size_t)count - 1;
}

static void add_counter(const char* name, const char* status, uint64_t value) {
  valk_counter_t* counter = &g_valk_metrics.counters[g_valk_metrics.counter_count];
  counter->name = name;
  counter->labels.labels[0] = (valk_label_t){"server", "0.0.0.0"};
  counter->labels.labels[1] = (valk_label_t){"port", "8443"};
  counter->labels.labels[2] = (valk_label_t){"protocol", "https"};
  counter->labels.labels[3] = (valk_label_t){"status", status};
  counter->labels.count = status != NULL ? 4 : 3;
  counter->value = value;
  g_valk_metrics.counter_count += 1;
}

// In the order in which the runtime registers them. Shed requests are of class 5xx and not in ALL.
enum { ALL, OF_2XX, OF_4XX, OF_5XX, SENT, RECEIVED, SHED };

static void count(int counter) {
  g_valk_metrics.counters[counter].value += 1;
}

static void serve(int request) {
  count(request % 2 == 0 ? SHED : ALL);
  count(request % 2 == 0 ? OF_5XX : OF_2XX);
}

static void fill_registry(void) {
  add_counter("http_requests_total", NULL, 104);
  add_counter("http_requests_total", "2xx", 95);
  add_counter("http_requests_total", "4xx", 5);
  add_counter("http_requests_total", "5xx", 3);  // one that failed, and two that were shed
  add_counter("http_bytes_sent_total", NULL, 9000);
  add_counter("http_bytes_recv_total", NULL, 800);
  add_counter("http_overload_responses_total", NULL, 2);
  valk_labels_t labels = g_valk_metrics.counters[0].labels;
  g_valk_metrics.gauges[0] =
      (valk_gauge_t){.name = "http_connections_active", .labels = labels, .value = 6};
  g_valk_metrics.gauge_count = 1;
  valk_histogram_t* histogram = &g_valk_metrics.histograms[0];
  histogram->name = "http_request_duration_seconds";
  histogram->labels = labels;
  histogram->bucket_count = 16;
  histogram->buckets[0] = 88;
  histogram->buckets[16] = 16;
  histogram->sum_us = 2500;
  g_valk_metrics.histogram_count = 1;
}

static valk_labels_t one_label(const char* key, const char* value) {
  valk_labels_t labels = {.count = 1};
  labels.labels[0] = (valk_label_t){key, value};
  return labels;
}

static void register_counter(const char* name, valk_labels_t labels, uint64_t value) {
  g_valk_metrics.counters[g_valk_metrics.counter_count] =
      (valk_counter_t){.name = name, .labels = labels, .value = value};
  g_valk_metrics.counter_count += 1;
}

static void register_gauge(const char* name, valk_labels_t labels, int64_t value) {
  g_valk_metrics.gauges[g_valk_metrics.gauge_count] =
      (valk_gauge_t){.name = name, .labels = labels, .value = value};
  g_valk_metrics.gauge_count += 1;
}

static void register_histogram(const char* name, double first, double second, double third) {
  valk_histogram_t* histogram = &g_valk_metrics.histograms[g_valk_metrics.histogram_count];
  histogram->name = name;
  histogram->labels = one_label("queue", "in");
  histogram->bucket_bounds[0] = first;
  histogram->bucket_bounds[1] = second;
  histogram->bucket_bounds[2] = third;
  histogram->bucket_count = 3;
  for (int i = 0; i < 4; ++i) histogram->buckets[i] = (uint64_t)i + 1;
  histogram->sum_us = 7250000;
  g_valk_metrics.histogram_count += 1;
}

static void register_application(void) {
  register_counter("shop_orders_total", one_label("note", "a \"b\" \\ \n \xff"), 12);
  register_counter("shop_visits", (valk_labels_t){.count = 0}, 7);
  register_counter("valk_eval_total", (valk_labels_t){.count = 0}, 1);
  register_counter("no name", (valk_labels_t){.count = 0}, 1);
  register_counter("http_requests_total", one_label("server", "mine"), 5);
  register_gauge("http_connections_active", one_label("role", "client"), 2);
  register_gauge("shop_balance", (valk_labels_t){.count = 0}, -42);
  register_gauge("shop_info", (valk_labels_t){.count = 0}, 3);
  register_gauge("shop_least", (valk_labels_t){.count = 0}, INT64_MIN);
  register_histogram("shop_wait_seconds", 0.00005, 0.1, 2.5);
}

static void register_hostile(void) {
  valk_labels_t too_many = one_label("a", "b");
  too_many.count = 9;
  register_counter("hostile_labels", too_many, 1);
  register_counter(NULL, (valk_labels_t){.count = 0}, 1);
  register_counter("hostile_value", (valk_labels_t){.count = 0}, UINT64_MAX);
  register_histogram("hostile_order", 1, 1, 2);
  register_histogram("hostile_nan", 1, __builtin_nan(""), 2);
  register_histogram("hostile_infinity", 1, 2, __builtin_inf());
  register_histogram("hostile_below_zero", -1, 2, 3);
  register_histogram("hostile_count", 1, 2, 3);
  g_valk_metrics.histograms[g_valk_metrics.histogram_count - 1].bucket_count = 255;
}

static void start(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  strcpy(the_system.name, "main");
  the_system.eventloop = &loop;
  the_system.httpStreamArenas = &arenas;
  the_system.tcpBufferSlab = &buffers;
  the_system.handleSlab = &handle_slab.head;
  the_system.metrics.start_time_us =
      (uint64_t)now.tv_sec * 1000000U + (uint64_t)now.tv_nsec / 1000U;
  the_system.metrics.requests_total = 104;
  the_system.metrics.connections_total = 9;
  the_system.system_stats.servers_count = 1;
  the_system.http_queue.request_idx = 5;
  the_system.http_queue.request_count = 9;
  the_system.system_stats.arenas_total = 20;
  strcpy(the_system.http_clients.clients[0].name, "postgres");
  strcpy(the_system.http_clients.clients[0].type, "Database");
  the_system.http_clients.clients[0].operations_total = 4;
  the_system.http_clients.clients[0].latency_us_sum = 8000;
  the_system.http_clients.clients[0].latency_count = 4;
  the_system.http_clients.count = 1;
  loop_fields.loop_metrics.metrics.loop_count = 77;
  loop_fields.loop_metrics.provider_idle_time = 5000000000;
  connect_all(0, 0, 0);
  valk_aio_active_system = &the_system;
}

static void* churn(void* nothing) {
  for (int i = 0; churning; ++i) connect_all(i % 5, i % 7, i % 3);
  return nothing;
}

static void* serve_all(void* nothing) {
  for (int i = 0; churning; ++i) serve(i);
  return nothing;
}

static void* evaluate_lisp(void* nothing) {
  while (churning) evaluate_outer();
  return nothing;
}

static void* evaluate_jumps(void* nothing) {
  while (churning) evaluate_jumper();
  return nothing;
}

static void obey(const char* command, int a, int b, int c) {
  if (strcmp(command, "start") == 0) start();
  if (strcmp(command, "heap") == 0) heap.allocated_bytes = (size_t)a;
  if (strcmp(command, "connections") == 0) connect_all(a, b, c);
  if (strcmp(command, "freed") == 0) connections[0].handle = &handle_slab.handles[1];
  if (strcmp(command, "loop") == 0) handle_slab.handles[2].next = &handle_slab.handles[2];
  if (strcmp(command, "collect") == 0) VALKYRIA_GC_END(&heap, 4, 1000, 2000, 3000, 4000);
  if (strcmp(command, "application") == 0) register_application();
  if (strcmp(command, "hostile") == 0) register_hostile();
  if (strcmp(command, "redirect") == 0) g_valk_metrics.counters[ALL].value += (uint64_t)a;
  if (strcmp(command, "anew") == 0) use_arena_anew();
  if (strcmp(command, "drop") == 0) g_valk_metrics.counters[OF_5XX].name = "dropped";
  if (strcmp(command, "count") == 0) g_valk_metrics.counter_count = (size_t)a;
}

int main(void) {
  char line[128];
  char command[32];
  pthread_t thread;
  bool has_thread = false;
  setvbuf(stdout, NULL, _IOLBF, 0);
  fill_registry();
  printf("ready%s\n", g_heap_for_signal == NULL ? " without a heap" : "");
  while (fgets(line, sizeof line, stdin) != NULL) {
    int a = 0, b = 0, c = 0;
    if (sscanf(line, "%31s %d %d %d", command, &a, &b, &c) < 1) continue;
    churning = false;
    if (has_thread) pthread_join(thread, NULL);
    has_thread = false;
    obey(command, a, b, c);
    void* (*task)(void*) = strcmp(command, "serve") == 0   ? serve_all
                           : strcmp(command, "churn") == 0 ? churn
                           : strcmp(command, "lisp") == 0  ? evaluate_lisp
                           : strcmp(command, "jumps") == 0 ? evaluate_jumps
                                                           : NULL;
    if (task != NULL) {
      churning = true;
      has_thread = pthread_create(&thread, NULL, task, NULL) == 0;
    }
    puts("done");
  }
  churning = false;
  return 0;
}
