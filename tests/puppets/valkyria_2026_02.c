// SPDX-License-Identifier: BSD-2-Clause
//
// Has memory in the shape of the Valkyria runtime of February 2026: its symbols, and the fields of
// its structures that are read, nested as there and otherwise as we like. A line on stdin, "done"
// on stdout:
//
//   create          creates the runtime's heap; before, its pointer is null
//   null            makes the root itself a null pointer
//   fresh           has collected nothing yet
//   percent N       sets the share of the heap that starts a collection
//   start           creates an AIO system, behind a subsystem that is none; twice: another one of
//                   the same name
//   wait            the first system's loop begins to wait; `work`: and stops to, uncounted;
//                   `waited N`: and stops to, and N seconds are counted for it
//   unmapped        a pool of the first system, which runs on, is not there
//   stop            the first system stops: its pools are no longer there
//   end             the whole runtime ends: where its loops were, there is something else
//   twice           tells of the first system a second time
//   connections A I C   server connections: A with an open stream, I without, C closing
//   state N         puts the first connection in the runtime's state N
//   client          makes the first connection one that the runtime opened itself
//   freed           makes one connection point back at another handle, as freed ones may
//   unlinked        takes one handle out of the list, as the runtime does, but for those before it
//   loop            makes the list of handles end in itself
//   count N         says that there are N counters
//   subsystems N    says that there are N subsystems
//   application     registers a counter of an application's own, and one that it drops
//   dropped         drops the metrics of one server
//   wrap            takes a gauge below zero
//   churn           changes the list as fast as it can, until the next line
//   lisp            evaluates (outer) as often as it can, until the next line
#include "valkyria_2026_02.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "valkyria_2026_02_lisp.h"

enum { HANDLES = 64, SYSTEMS = 2 };

valk_eval_metrics_t g_eval_metrics = {.evals_total = 11,
                                      .function_calls = 12,
                                      .builtin_calls = 13,
                                      .stack_depth_max = 14,
                                      .closures_created = 15,
                                      .env_lookups = 16};
valk_metrics_registry_t g_metrics;
static valk_system_t the_runtime;
valk_system_t* valk_sys = &the_runtime;

static valk_gc_heap_t heap = {
    .used_bytes = 900000,
    .large_object_bytes = 8192,
    .hard_limit = 512 << 20,
    .soft_limit = 384 << 20,
    .root_env = &root_environment,
    .gc_threshold_pct = 75,
    .stats = {.peak_usage = 900000},
    .runtime_metrics = {3, 1500, 900, 4096, 12000, 2500},
};

// What one system has for itself. The slab's head and its items are one: the list is checked
// against it.
static struct own_parts {
  valk_aio_system_t system;
  uv_loop_t loop;
  uv__loop_internal_fields_t loop_fields;
  valk_aio_metrics_state_t metrics_state;
  valk_slab_t arenas;
  valk_slab_t buffers;
  struct {
    valk_slab_t head;
    valk_aio_handle_t handles[HANDLES];
  } handle_slab;
} parts[SYSTEMS];
static int started;
static valk_aio_metrics_v2_t metrics;
static valk_aio_system_stats_v2_t statistics;
static int server;
static atomic_bool churning;

// It marks a subsystem that is an AIO system.
__attribute__((noinline)) void valk_aio_stop(valk_aio_system_t* system) {
  system->shuttingDown = true;
}

static void other_stop(void* context) {
  *(int*)context = 0;
}

// It marks the handle of a connection; nobody calls it here.
__attribute__((noinline)) void valk_http2_conn_on_disconnect(valk_aio_handle_t* handle) {
  handle->kind = 0;
}

static void other_on_close(valk_aio_handle_t* handle) {
  handle->kind = 1;
}

static void link_handles(int count) {
  valk_aio_handle_t* previous = &parts[0].system.liveHandles;
  for (int i = 0; i < count; ++i) {
    valk_aio_handle_t* handle = &parts[0].handle_slab.handles[i];
    handle->prev = previous;
    handle->next = NULL;
    previous->next = handle;
    previous = handle;
  }
  previous->next = NULL;
}

// Connections on the first handles, and behind them one handle that is none, as a listener's.
static void connect_all(int active, int idle, int closing) {
  int count = active + idle + closing;
  valk_aio_handle_t* handles = parts[0].handle_slab.handles;
  for (int i = 0; i < count; ++i) {
    handles[i].http.state = i < active + idle ? ESTABLISHED : CLOSING;
    handles[i].http.active_streams = i < active ? 2 : 0;
    handles[i].http.server = &server;
    handles[i].uv.tcp.user_data = &handles[i];
    handles[i].onClose = valk_http2_conn_on_disconnect;
  }
  handles[count].uv.tcp.user_data = &handles[count];
  handles[count].onClose = other_on_close;
  link_handles(count + 1);
  parts[0].handle_slab.head.numFree = HANDLES - (size_t)count - 1;
}

static valk_label_set_v2_t labels_of(const char* host, const char* port, const char* status) {
  valk_label_set_v2_t labels = {.count = status != NULL ? 5 : 4};
  labels.labels[0] = (valk_label_v2_t){"server", host};
  labels.labels[1] = (valk_label_v2_t){"port", port};
  labels.labels[2] = (valk_label_v2_t){"protocol", "https"};
  labels.labels[3] = (valk_label_v2_t){"loop", "main"};
  labels.labels[4] = (valk_label_v2_t){"status", status};
  return labels;
}

static valk_counter_v2_t* add_counter(const char* name, valk_label_set_v2_t labels,
                                      uint64_t value) {
  valk_counter_v2_t* counter = &g_metrics.counters[g_metrics.counter_count];
  counter->name = name;
  counter->labels = labels;
  counter->value = value;
  counter->active = true;
  g_metrics.counter_count += 1;
  return counter;
}

static valk_gauge_v2_t* add_gauge(const char* name, valk_label_set_v2_t labels, int64_t value) {
  valk_gauge_v2_t* gauge = &g_metrics.gauges[g_metrics.gauge_count];
  gauge->name = name;
  gauge->labels = labels;
  gauge->value = value;
  gauge->active = true;
  g_metrics.gauge_count += 1;
  return gauge;
}

// Of each, 5 had a status of 4xx, 1 of 5xx, 3 of no class, and 2 more were shed.
static void add_server(const char* port, uint64_t answered) {
  valk_label_set_v2_t labels = labels_of("0.0.0.0", port, NULL);
  add_counter("http_requests_total", labels, answered + 9);
  add_counter("http_requests_total", labels_of("0.0.0.0", port, "2xx"), answered);
  add_counter("http_requests_total", labels_of("0.0.0.0", port, "4xx"), 5);
  add_counter("http_requests_total", labels_of("0.0.0.0", port, "5xx"), 3);
  add_counter("http_bytes_sent_total", labels, 9000);
  add_counter("http_bytes_recv_total", labels, 800);
  add_counter("http_overload_responses_total", labels, 2);
  add_gauge("http_connections_active", labels, 6);
  valk_histogram_v2_t* histogram = &g_metrics.histograms[g_metrics.histogram_count];
  histogram->name = "http_request_duration_seconds";
  histogram->labels = labels;
  histogram->bucket_count = 17;
  histogram->buckets[0] = answered + 3;
  histogram->buckets[16] = 4;  // up to 10 s
  histogram->buckets[17] = 2;  // above
  histogram->sum_micros = 2500;
  histogram->active = true;
  g_metrics.histogram_count += 1;
}

static void register_application(void) {
  valk_label_set_v2_t labels = {.labels = {{"kind", "book"}}, .count = 1};
  add_counter("shop_orders_total", labels, 12)->help = "Orders of the shop";
  add_counter("shop_left_total", labels, 3)->active = false;
}

static void fill_registry(void) {
  valk_label_set_v2_t of_system = {.labels = {{"system", "main"}}, .count = 1};
  statistics.servers_count = add_gauge("aio_servers_count", of_system, 1);
  statistics.arena_pool_overflow = add_counter("aio_arena_pool_overflow_total", of_system, 2);
  statistics.tcp_buffer_overflow = add_counter("aio_tcp_buffer_overflow_total", of_system, 3);
  statistics.connections_rejected_load = add_counter("aio_rejected_total", of_system, 4);
  metrics.requests_total = add_counter("aio_requests_total", of_system, 108);
  metrics.requests_errors = add_counter("aio_requests_errors", of_system, 1);
  metrics.connections_total = add_counter("aio_connections_total", of_system, 9);
  metrics.connections_failed = add_counter("aio_connections_failed", of_system, 0);
  metrics.streams_total = add_counter("aio_streams_total", of_system, 107);
  metrics.bytes_sent_total = add_counter("aio_bytes_sent_total", of_system, 9000);
  metrics.bytes_recv_total = add_counter("aio_bytes_recv_total", of_system, 800);
  add_server("8443", 97);
}

static void create(void) {
  if (root_environment.symbols.count == 0) read_text();
  for (int i = 0; i < CLASSES; ++i) {
    heap.classes[i].slot_size = (uint16_t)(16 << i);
    heap.classes[i].used_slots = i < 2 ? 32 : 0;
  }
  the_runtime.heap = &heap;
}

static void add_subsystem(void (*stop)(void*), void* context) {
  the_runtime.subsystems[the_runtime.subsystem_count] =
      (valk_subsystem_t){.stop = stop, .ctx = context};
  the_runtime.subsystem_count += 1;
}

static uint64_t now_ns(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (uint64_t)now.tv_sec * 1000000000U + (uint64_t)now.tv_nsec;
}

static void start(void) {
  struct own_parts* own = &parts[started];
  if (started == 0) {
    g_metrics.start_time_us = now_ns() / 1000;
    add_subsystem(other_stop, &server);
  }
  strcpy(own->system.name, "main");
  own->metrics_state = (valk_aio_metrics_state_t){&metrics, &statistics};
  own->arenas = (valk_slab_t){.numItems = 20, .numFree = 17};
  own->buffers = (valk_slab_t){.numItems = 40, .numFree = 38};
  own->handle_slab.head =
      (valk_slab_t){.itemSize = sizeof(valk_aio_handle_t), .numItems = HANDLES, .numFree = HANDLES};
  own->loop.internal_fields = &own->loop_fields;
  own->loop_fields.loop_metrics.metrics.loop_count = 77;
  own->loop_fields.loop_metrics.provider_idle_time = 5000000000;
  own->system.config.arena_pool_size = 20;
  own->system.config.tcp_buffer_pool_size = 40;
  own->system.eventloop = &own->loop;
  own->system.httpStreamArenas = &own->arenas;
  own->system.tcpBufferSlab = &own->buffers;
  own->system.handleSlab = &own->handle_slab.head;
  own->system.metrics_state = &own->metrics_state;
  if (started == 0) connect_all(0, 0, 0);
  add_subsystem((void (*)(void*))valk_aio_stop, own);
  started += 1;
}

static void unmap_pools(void) {
  parts[0].system.httpStreamArenas = (valk_slab_t*)16;
  parts[0].system.tcpBufferSlab = (valk_slab_t*)16;
}

static void count_wait(uint64_t seconds) {
  parts[0].loop_fields.loop_metrics.provider_entry_time = 0;
  parts[0].loop_fields.loop_metrics.provider_idle_time += seconds * 1000000000;
}

// The runtime gives the memory back and leaves the pointers as they are.
static void stop(void) {
  valk_aio_stop(&parts[0].system);
  unmap_pools();
}

static void end(void) {
  the_runtime.shutting_down = true;
  stop();
  parts[0].loop_fields.loop_metrics.metrics.loop_count = 1234567;  // what is there next
}

static void unlink_handle(valk_aio_handle_t* handle) {
  handle->prev = NULL;
  handle->next = NULL;
}

static void drop_a_server(void) {
  int first = (int)g_metrics.counter_count;
  add_server("9443", 50);
  for (int i = first; i < (int)g_metrics.counter_count; ++i) g_metrics.counters[i].active = false;
  g_metrics.gauges[g_metrics.gauge_count - 1].active = false;
  g_metrics.histograms[g_metrics.histogram_count - 1].active = false;
}

static void* churn(void* nothing) {
  for (int i = 0; churning; ++i) connect_all(i % 5, i % 7, i % 3);
  return nothing;
}

// Behind a thread that has ended, whose number is used again.
static void* evaluate_lisp(void* nothing) {
  the_runtime.threads[0] = (valk_gc_thread_info_t){NULL, pthread_self(), false};
  the_runtime.threads[1] = (valk_gc_thread_info_t){own_context(), pthread_self(), true};
  while (churning) evaluate_outer();
  the_runtime.threads[1] = (valk_gc_thread_info_t){NULL, pthread_self(), false};
  return nothing;
}

static void obey(const char* command, int a, int b, int c) {
  valk_aio_handle_t* handles = parts[0].handle_slab.handles;
  uint64_t* waits_since = &parts[0].loop_fields.loop_metrics.provider_entry_time;
  if (strcmp(command, "create") == 0) create();
  if (strcmp(command, "null") == 0) valk_sys = NULL;
  if (strcmp(command, "fresh") == 0) memset(&heap.runtime_metrics, 0, sizeof heap.runtime_metrics);
  if (strcmp(command, "percent") == 0) heap.gc_threshold_pct = (uint8_t)a;
  if (strcmp(command, "start") == 0) start();
  if (strcmp(command, "wait") == 0) *waits_since = now_ns();
  if (strcmp(command, "work") == 0) *waits_since = 0;
  if (strcmp(command, "waited") == 0) count_wait((uint64_t)a);
  if (strcmp(command, "unmapped") == 0) unmap_pools();
  if (strcmp(command, "stop") == 0) stop();
  if (strcmp(command, "end") == 0) end();
  if (strcmp(command, "twice") == 0) add_subsystem((void (*)(void*))valk_aio_stop, &parts[0]);
  if (strcmp(command, "connections") == 0) connect_all(a, b, c);
  if (strcmp(command, "state") == 0) handles[0].http.state = (connection_state_e)a;
  if (strcmp(command, "client") == 0) handles[0].http.server = NULL;
  if (strcmp(command, "freed") == 0) handles[0].uv.tcp.user_data = &handles[1];
  if (strcmp(command, "unlinked") == 0) unlink_handle(&handles[1]);
  if (strcmp(command, "loop") == 0) handles[2].next = &handles[2];
  if (strcmp(command, "count") == 0) g_metrics.counter_count = (uint64_t)a;
  if (strcmp(command, "subsystems") == 0) the_runtime.subsystem_count = a;
  if (strcmp(command, "application") == 0) register_application();
  if (strcmp(command, "dropped") == 0) drop_a_server();
  if (strcmp(command, "wrap") == 0) statistics.servers_count->value = -1;
}

int main(void) {
  char line[128];
  char command[32];
  pthread_t thread;
  bool has_thread = false;
  setvbuf(stdout, NULL, _IOLBF, 0);
  fill_registry();
  puts("ready");
  while (fgets(line, sizeof line, stdin) != NULL) {
    int a = 0, b = 0, c = 0;
    if (sscanf(line, "%31s %d %d %d", command, &a, &b, &c) < 1) continue;
    churning = false;
    if (has_thread) pthread_join(thread, NULL);
    has_thread = false;
    obey(command, a, b, c);
    void* (*task)(void*) = strcmp(command, "churn") == 0  ? churn
                           : strcmp(command, "lisp") == 0 ? evaluate_lisp
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
