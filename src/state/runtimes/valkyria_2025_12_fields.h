// Where the runtime of December 2025 keeps what we read. For valkyria_2025_12*.cpp alone.
#pragma once

#include <array>
#include <cstdint>

#include "model/snapshot.h"
#include "state/readings.h"
#include "state/runtimes/runtime_registry.h"
#include "state/runtimes/valkyria.h"

namespace state::valkyria_2025_12 {

using namespace valkyria;
using model::ClientMetrics;
using model::ServerMetrics;

// The heap of the main thread, which is the only one that collects. What it bounds, collects at and
// keeps the peak of are objects from malloc. Cells of values stand in a slab beside them, which no
// limit bounds but its own size (docs/decisions/0013).
#define HEAP(field) "g_heap_for_signal->" field
inline constexpr const char* kHeapUsed = HEAP("allocated_bytes");
inline constexpr const char* kHeapPeak = HEAP("stats.peak_usage");
inline constexpr std::array kGcNumbers{
    VALKYRIA_GC_NUMBERS(HEAP("")),
    Number{kHeapUsed, &GcMetrics::heap_used_bytes},
    Number{HEAP("gc_threshold"), &GcMetrics::trigger_bytes},
};
inline constexpr const char* kCells = HEAP("lval_slab->numItems");
inline constexpr const char* kCellsFree = HEAP("lval_slab->numFree");
inline constexpr const char* kCellBytes = HEAP("lval_slab->itemSize");

#define SYSTEM(field) "valk_aio_active_system->" field
inline constexpr const char* kSystem = "valk_aio_active_system";
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

inline constexpr SystemPaths kSystemPaths{
    .name = SYSTEM("name"),
    .loop = LIBUV_LOOP_PATHS(SYSTEM("eventloop->")),
    .slabs = {VALKYRIA_SLABS(SYSTEM(""))},
    .connections =
        {
            VALKYRIA_HANDLES(kSystem, SYSTEM("")),
            .argument = "@valk_aio_handle_t.arg",
            .on_close = "@valk_aio_handle_t.onClose",
            .on_close_function = "&__valk_aio_http2_on_disconnect",
            .connection_state = "@valk_aio_http_conn.state",
            .connection_handle = "@valk_aio_http_conn.handle",
            .connection_server = "@valk_aio_http_conn.server",
            .connection_streams = "@valk_aio_http_conn.active_streams",
        },
};
// By the values of `state`.
inline Phase phase_of(std::uint64_t state) {
  switch (state) {
    case 0:
      return Phase::kConnecting;
    case 1:
      return Phase::kOpen;
    case 2:
      return Phase::kClosing;
    default:
      return Phase::kGone;
  }
}

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

// Inclusive upper bounds of http_request_duration_seconds: the registry has room for 16.
inline constexpr std::array<std::uint64_t, 16> kHttpBoundsNs{
    50'000,      100'000,       250'000,       500'000,       1'000'000,   2'500'000,
    5'000'000,   10'000'000,    25'000'000,    50'000'000,    100'000'000, 250'000'000,
    500'000'000, 1'000'000'000, 2'500'000'000, 5'000'000'000,
};
// Besides the servers' series, only applications' are in there.
inline constexpr RegistryShape kRegistry{
    .counters = {VALKYRIA_METRICS("g_valk_metrics.", "counters", "counter_count")},
    .gauges = {VALKYRIA_METRICS("g_valk_metrics.", "gauges", "gauge_count")},
    .histograms = {VALKYRIA_METRICS("g_valk_metrics.", "histograms", "histogram_count")},
    .values = {VALKYRIA_METRIC_VALUES("g_valk_metrics.", "sum_us")},
    .http_bounds_ns = kHttpBoundsNs,
    .server_label = "",
    .is_own = [](std::string_view) { return false; },
};

// What is told otherwise than the catalogue says.
inline constexpr std::array kDifferences{
    Difference{&GcMetrics::reclaimed_bytes,
               "Objects alone; cells of values are given back to their pool."},
    Difference{&GcMetrics::trigger_bytes,
               "Looked at after each top-level form of a script, and nowhere else: while a server "
               "answers, nothing is collected before the heap's capacity is reached."},
    Difference{
        &InterpreterMetrics::stack_depth_max,
        "Of all threads together; raised without a lock, so it may be a little less than it was."},
    Difference{&InterpreterMetrics::env_lookups,
               "One that goes on in the environment of the caller is counted again."},
    Difference{
        &SystemMetrics::clients,
        "Those that a script has registered; connections of the runtime's own are left out."},
    Difference{&SystemMetrics::handles,
               "Those of the runtime's own pool; what libuv keeps besides is left out."},
    Difference{&SystemMetrics::queue_depth,
               "Of the queue between threads, into which the runtime puts nothing."},
    Difference{&SystemMetrics::pending_requests,
               "Of the queue between threads, into which the runtime puts nothing."},
    Difference{&SystemMetrics::pending_responses,
               "Of the queue between threads, into which the runtime puts nothing."},
    Difference{&SystemMetrics::tcp_buffer_overflows,
               "Only those of reading; elsewhere the runtime does not count."},
    Difference{&SystemMetrics::connections_accepted,
               "Those that could not be accepted are counted, too."},
    Difference{&SystemMetrics::connections_failed, "Only those that could not be accepted."},
    Difference{&SystemMetrics::requests, "Those that were shed are left out."},
    Difference{&SystemMetrics::requests_active, "The streams that are open."},
    Difference{&SystemMetrics::bytes_sent, "Answers to requests that were shed are left out."},
    Difference{&SystemMetrics::bytes_received, "Requests that were shed are left out."},
    Difference{&ServerMetrics::requests,
               "\"other\" is 1xx, 3xx, and what ended without an answer."},
    Difference{
        &ServerMetrics::request_duration_ns,
        "The last bound is 5 s. Requests that were shed are left out; those that ended without an "
        "answer are counted. Ends when the last frame is handed to the HTTP/2 library."},
    Difference{&ServerMetrics::bytes_sent, "Answers to requests that were shed are left out."},
    Difference{&ServerMetrics::bytes_received, "Requests that were shed are left out."},
    Difference{&ServerMetrics::overload_responses,
               "Of requests alone; a connection that is shed gets no response."},
    Difference{&ClientMetrics::operations, "Those that a script reports."},
    Difference{&ClientMetrics::errors,
               "Only where a script reports them by the symbol true, for which the prelude has "
               "another value."},
    Difference{&ClientMetrics::retries,
               "Only where a script reports them by the symbol true, for which the prelude has "
               "another value."},
    Difference{&ClientMetrics::cache_hits,
               "Only where a script reports them by the symbol true, for which the prelude has "
               "another value."},
    Difference{&ClientMetrics::cache_misses,
               "Hits, too, where a script does not report them by the symbol true, for which the "
               "prelude has another value."},
};

#undef HEAP
#undef SYSTEM
#undef CLIENT

}  // namespace state::valkyria_2025_12
