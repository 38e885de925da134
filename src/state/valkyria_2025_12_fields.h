// Where the runtime of December 2025 keeps what we read. For valkyria_2025_12*.cpp alone.
#pragma once

#include <array>
#include <cstdint>

#include "model/snapshot.h"
#include "state/connection_list.h"
#include "state/number_table.h"
#include "state/runtime_registry.h"

namespace state::valkyria_2025_12 {

using model::ClientMetrics;
using model::GcMetrics;
using model::InterpreterMetrics;
using model::SystemMetrics;

inline constexpr std::uint64_t kMicroseconds = 1'000;  // in our nanoseconds

// The heap of the main thread, which is the only one that collects.
#define HEAP(field) "g_heap_for_signal->" field
inline constexpr std::array kGcNumbers{
    Number{HEAP("runtime_metrics.cycles_total"), &GcMetrics::cycles},
    Number{HEAP("runtime_metrics.pause_us_total"), &GcMetrics::pause_ns_total, kMicroseconds},
    Number{HEAP("runtime_metrics.pause_us_max"), &GcMetrics::pause_ns_max, kMicroseconds},
    Number{HEAP("runtime_metrics.reclaimed_bytes_total"), &GcMetrics::reclaimed_bytes},
    Number{HEAP("hard_limit"), &GcMetrics::heap_total_bytes},
    Number{HEAP("gc_threshold"), &GcMetrics::trigger_bytes},
};
// Objects from malloc; cells of values stand in a slab beside them.
inline constexpr const char* kHeapObjectBytes = HEAP("allocated_bytes");
inline constexpr const char* kHeapPeakObjectBytes = HEAP("stats.peak_usage");
inline constexpr const char* kCellSlabItems = HEAP("lval_slab->numItems");
inline constexpr const char* kCellSlabFree = HEAP("lval_slab->numFree");
inline constexpr const char* kCellSlabItemBytes = HEAP("lval_slab->itemSize");

inline constexpr std::array kInterpreterNumbers{
    Number{"g_eval_metrics.evals_total", &InterpreterMetrics::evals},
    Number{"g_eval_metrics.function_calls", &InterpreterMetrics::function_calls},
    Number{"g_eval_metrics.builtin_calls", &InterpreterMetrics::builtin_calls},
    Number{"g_eval_metrics.stack_depth_max", &InterpreterMetrics::stack_depth_max},
    Number{"g_eval_metrics.closures_created", &InterpreterMetrics::closures_created},
    Number{"g_eval_metrics.env_lookups", &InterpreterMetrics::env_lookups},
};

#define SYSTEM(field) "valk_aio_active_system->" field
inline constexpr const char* kSystem = "valk_aio_active_system";
inline constexpr const char* kSystemName = SYSTEM("name");
inline constexpr const char* kSystemStart = SYSTEM("metrics.start_time_us");  // CLOCK_MONOTONIC
inline constexpr std::array kSystemNumbers{
    Number{SYSTEM("system_stats.servers_count"), &SystemMetrics::servers},
    Number{SYSTEM("http_clients.count"), &SystemMetrics::clients},
    Number{SYSTEM("system_stats.arenas_total"), &SystemMetrics::arenas_total},
    Number{SYSTEM("system_stats.tcp_buffers_total"), &SystemMetrics::tcp_buffers_total},
    Number{SYSTEM("system_stats.arena_pool_overflow"), &SystemMetrics::arena_overflows},
    Number{SYSTEM("system_stats.tcp_buffer_overflow"), &SystemMetrics::tcp_buffer_overflows},
    // The same field of `metrics` is never written.
    Number{SYSTEM("system_stats.connections_rejected_load"), &SystemMetrics::connections_rejected},
    Number{SYSTEM("metrics.connections_total"), &SystemMetrics::connections_accepted},
    Number{SYSTEM("metrics.connections_failed"), &SystemMetrics::connections_failed},
    Number{SYSTEM("metrics.streams_total"), &SystemMetrics::streams},
    Number{SYSTEM("metrics.requests_total"), &SystemMetrics::requests},
    Number{SYSTEM("metrics.requests_errors"), &SystemMetrics::request_errors},
    Number{SYSTEM("metrics.bytes_sent_total"), &SystemMetrics::bytes_sent},
    Number{SYSTEM("metrics.bytes_recv_total"), &SystemMetrics::bytes_received},
};

// libuv's own counters, behind an untyped pointer. Known where libuv's debug information is in the
// executable; else libuv_fields.h may add them.
inline constexpr const char* kLoopInternals = SYSTEM("eventloop->internal_fields");
#define LOOP(field) \
  SYSTEM("eventloop->internal_fields{uv__loop_internal_fields_t}->loop_metrics." field)
inline constexpr std::array kLoopNumbers{
    Number{LOOP("metrics.loop_count"), &SystemMetrics::loop_iterations},
    Number{LOOP("metrics.events"), &SystemMetrics::loop_events},
};
inline constexpr const char* kLoopIdle = LOOP("provider_idle_time");         // ns
inline constexpr const char* kLoopWaitsSince = LOOP("provider_entry_time");  // ns; 0: it works

// A pool: taken = items - free. The runtime's own counts of what is taken are never written, or
// stale.
struct SlabUse {
  const char* items;
  const char* free;
  model::Count SystemMetrics::*used;
};
inline constexpr std::array kSlabs{
    SlabUse{SYSTEM("handleSlab->numItems"), SYSTEM("handleSlab->numFree"), &SystemMetrics::handles},
    SlabUse{SYSTEM("httpStreamArenas->numItems"), SYSTEM("httpStreamArenas->numFree"),
            &SystemMetrics::arenas_used},
    SlabUse{SYSTEM("tcpBufferSlab->numItems"), SYSTEM("tcpBufferSlab->numFree"),
            &SystemMetrics::tcp_buffers_used},
};

// What waits in the queue between threads: put in, less taken out. Nothing ever is put in by this
// runtime, whose own counts of it are stale besides.
struct QueueUse {
  const char* count;
  const char* taken;
  model::Count SystemMetrics::*waiting;
};
inline constexpr std::array kQueues{
    QueueUse{SYSTEM("http_queue.request_count"), SYSTEM("http_queue.request_idx"),
             &SystemMetrics::pending_requests},
    QueueUse{SYSTEM("http_queue.response_count"), SYSTEM("http_queue.response_idx"),
             &SystemMetrics::pending_responses},
};

inline constexpr ConnectionListPaths kConnectionPaths{
    .system = kSystem,
    .slab = SYSTEM("handleSlab"),
    .slab_items = SYSTEM("handleSlab->numItems"),
    .slab_item_bytes = SYSTEM("handleSlab->itemSize"),
    .head_next = SYSTEM("liveHandles.next"),
    .previous = "@valk_aio_handle_t.prev",
    .next = "@valk_aio_handle_t.next",
    .argument = "@valk_aio_handle_t.arg",
    .on_close = "@valk_aio_handle_t.onClose",
    .on_close_function = "&__valk_aio_http2_on_disconnect",
    .connection_state = "@valk_aio_http_conn.state",
    .connection_handle = "@valk_aio_http_conn.handle",
    .connection_server = "@valk_aio_http_conn.server",
    .connection_streams = "@valk_aio_http_conn.active_streams",
};
// Values of `state`.
inline constexpr std::uint64_t kInit = 0, kEstablished = 1, kClosing = 2;

#define CLIENT(field) SYSTEM("http_clients.clients[]." field)
inline constexpr std::array kClientNumbers{
    Number{CLIENT("pool_size"), &ClientMetrics::pool_size},
    Number{CLIENT("operations_total"), &ClientMetrics::operations},
    Number{CLIENT("errors_total"), &ClientMetrics::errors},
    Number{CLIENT("retries_total"), &ClientMetrics::retries},
    Number{CLIENT("cache_hits_total"), &ClientMetrics::cache_hits},
    Number{CLIENT("cache_misses_total"), &ClientMetrics::cache_misses},
};
inline constexpr const char* kClientCount = SYSTEM("http_clients.count");
inline constexpr const char* kClientName = CLIENT("name");
inline constexpr const char* kClientType = CLIENT("type");
inline constexpr const char* kClientLatencySum = CLIENT("latency_us_sum");
inline constexpr const char* kClientLatencyCount = CLIENT("latency_count");

#define REGISTRY(array, field) "g_valk_metrics." array "[]." field
#define REGISTRY_ARRAY(array, count_field)                                                   \
  MetricArrayPaths {                                                                         \
    "g_valk_metrics." count_field, REGISTRY(array, "name"), REGISTRY(array, "labels.count"), \
        REGISTRY(array, "labels.labels[].key"), REGISTRY(array, "labels.labels[].value")     \
  }
// Inclusive upper bounds of http_request_duration_seconds: the registry has room for 16.
inline constexpr std::array<std::uint64_t, 16> kHttpBoundsNs{
    50'000,      100'000,       250'000,       500'000,       1'000'000,   2'500'000,
    5'000'000,   10'000'000,    25'000'000,    50'000'000,    100'000'000, 250'000'000,
    500'000'000, 1'000'000'000, 2'500'000'000, 5'000'000'000,
};
// Besides the servers' series, only applications' are in there.
inline constexpr RegistryShape kRegistry{
    .counters = REGISTRY_ARRAY("counters", "counter_count"),
    .gauges = REGISTRY_ARRAY("gauges", "gauge_count"),
    .histograms = REGISTRY_ARRAY("histograms", "histogram_count"),
    .values = {.counter = REGISTRY("counters", "value"),
               .gauge = REGISTRY("gauges", "value"),
               .histogram_sum_us = REGISTRY("histograms", "sum_us"),
               .histogram_bound_count = REGISTRY("histograms", "bucket_count"),
               .histogram_bounds = REGISTRY("histograms", "bucket_bounds[]"),
               .histogram_buckets = REGISTRY("histograms", "buckets[]")},
    .http_bounds_ns = kHttpBoundsNs,
    .server_label = "",
    .is_own = [](std::string_view) { return false; },
};

#undef HEAP
#undef SYSTEM
#undef LOOP
#undef CLIENT
#undef REGISTRY
#undef REGISTRY_ARRAY

}  // namespace state::valkyria_2025_12
