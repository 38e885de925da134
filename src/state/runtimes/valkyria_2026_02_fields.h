// Where the runtime of February 2026 keeps what we read. For valkyria_2026_02*.cpp alone.
#pragma once

#include <array>
#include <cstdint>

#include "model/snapshot.h"
#include "state/readings.h"
#include "state/runtimes/runtime_registry.h"
#include "state/runtimes/valkyria.h"

namespace state::valkyria_2026_02 {

using namespace valkyria;
using model::ServerMetrics;

// One heap for all threads. Pauses are as the runtime has measured them: without the time that its
// threads took to stop. `hard_limit` is what may be used; address space is reserved for far more.
#define HEAP(field) "valk_sys->heap->" field
inline constexpr std::array kGcNumbers{VALKYRIA_GC_NUMBERS(HEAP(""))};
// An allocation collects above soft_limit, the end of a top-level form at a share of hard_limit.
inline constexpr const char* kHeapSoftLimit = HEAP("soft_limit");
inline constexpr const char* kHeapTriggerPercent = HEAP("gc_threshold_pct");
// What is used. The heap's own used_bytes is a sum of all that was ever handed out, and its
// peak_usage follows that.
inline constexpr const char* kHeapLargeBytes = HEAP("large_object_bytes");
inline constexpr const char* kClassUsedSlots = HEAP("classes[].used_slots");
inline constexpr const char* kClassSlotBytes = HEAP("classes[].slot_size");
// Of the last collection; 0 before the first one. When it was is not kept: last_gc_time_us is never
// written.
inline constexpr const char* kHeapBeforeLastCycle = HEAP("runtime_metrics.last_heap_before_gc");
inline constexpr const char* kReclaimedByLastCycle = HEAP("runtime_metrics.last_reclaimed");

inline constexpr const char* kRuntime = "valk_sys";
inline constexpr const char* kRuntimeEnds = "valk_sys->shutting_down";

// Whatever runs beside the interpreter is a subsystem; an AIO system is one that this function
// stops.
inline constexpr const char* kSubsystemCount = "valk_sys->subsystem_count";
inline constexpr const char* kSubsystemStop = "valk_sys->subsystems[].stop";
inline constexpr const char* kSubsystemContext = "valk_sys->subsystems[].ctx";
inline constexpr const char* kStopsAioSystem = "&valk_aio_stop";

// Of the first subsystem, if that is an AIO system. Of another one it is as much further in
// `subsystems`, and else the same (valkyria_2026_02_system.h).
inline constexpr const char* kSystem = "valk_sys->subsystems[0].ctx";
#define SYSTEM(field) "valk_sys->subsystems[0].ctx{valk_aio_system_t}->" field
inline constexpr const char* kSystemStops = SYSTEM("shuttingDown");
// The registry is begun anew with the first AIO system. CLOCK_MONOTONIC. The registry's own gauge
// of it is never written.
inline constexpr const char* kSystemStartUs = "g_metrics.start_time_us";

// The registry's numbers of all systems of this name.
#define METRIC(name) SYSTEM("metrics_state->metrics_v2{valk_aio_metrics_v2_t}->" name "->value")
#define STATISTIC(name) \
  SYSTEM("metrics_state->system_stats_v2{valk_aio_system_stats_v2_t}->" name "->value")
inline constexpr std::array kSharedNumbers{
    Number{STATISTIC("servers_count"), &SystemMetrics::servers},
    Number{STATISTIC("arena_pool_overflow"), &SystemMetrics::arena_overflows},
    Number{STATISTIC("tcp_buffer_overflow"), &SystemMetrics::tcp_buffer_overflows},
    // The metric of this name is never written.
    Number{STATISTIC("connections_rejected_load"), &SystemMetrics::connections_rejected},
    Number{METRIC("connections_total"), &SystemMetrics::connections_accepted},
    Number{METRIC("connections_failed"), &SystemMetrics::connections_failed},
    Number{METRIC("streams_total"), &SystemMetrics::streams},
    Number{METRIC("requests_total"), &SystemMetrics::requests},
    Number{METRIC("requests_errors"), &SystemMetrics::request_errors},
    Number{METRIC("bytes_sent_total"), &SystemMetrics::bytes_sent},
    Number{METRIC("bytes_recv_total"), &SystemMetrics::bytes_received},
};

inline constexpr std::array kPoolNumbers{
    Number{SYSTEM("config.arena_pool_size"), &SystemMetrics::arenas_total},
    Number{SYSTEM("config.tcp_buffer_pool_size"), &SystemMetrics::tcp_buffers_total},
};

// The registry has copies of the loop's counters, a second old. A connection is its handle, which
// points to itself for its callbacks.
inline constexpr SystemPaths kSystemPaths{
    .name = SYSTEM("name"),
    .loop = LIBUV_LOOP_PATHS(SYSTEM("eventloop->")),
    .slabs = {VALKYRIA_SLABS(SYSTEM(""))},
    .connections =
        {
            VALKYRIA_HANDLES(kSystem, SYSTEM("")),
            .argument = "@valk_aio_handle_t.uv.tcp.user_data",
            .on_close = "@valk_aio_handle_t.onClose",
            .on_close_function = "&valk_http2_conn_on_disconnect",
            .connection_state = "@valk_aio_handle_t.http.state",
            .connection_handle = "@valk_aio_handle_t.uv.tcp.user_data",
            .connection_server = "@valk_aio_handle_t.http.server",
            .connection_streams = "@valk_aio_handle_t.http.active_streams",
        },
};
// By the values of `http.state`. Every connection whose peer has left goes through 7, "error": it
// closes, and has not failed. After 6, "closed", only its handle is left.
inline Phase phase_of(std::uint64_t state) {
  switch (state) {
    case 0:  // init
    case 1:  // handshaking
      return Phase::kConnecting;
    case 2:  // established
      return Phase::kOpen;
    case 3:  // goaway sent
    case 4:  // draining
    case 5:  // closing
    case 7:  // error
      return Phase::kClosing;
    default:
      return Phase::kGone;
  }
}

// Not active: the metric was dropped, and its place waits for another one.
#define REGISTRY_ARRAY(array, count)                                                       \
  {                                                                                        \
    VALKYRIA_METRICS("g_metrics.", array, count), .help = "g_metrics." array "[].help",    \
                                                  .active = "g_metrics." array "[].active" \
  }
// Inclusive upper bounds of http_request_duration_seconds.
inline constexpr std::array<std::uint64_t, 17> kHttpBoundsNs{
    50'000,      100'000,       250'000,       500'000,       1'000'000,      2'500'000,
    5'000'000,   10'000'000,    25'000'000,    50'000'000,    100'000'000,    250'000'000,
    500'000'000, 1'000'000'000, 2'500'000'000, 5'000'000'000, 10'000'000'000,
};
inline constexpr RegistryShape kRegistry{
    .counters = REGISTRY_ARRAY("counters", "counter_count"),
    .gauges = REGISTRY_ARRAY("gauges", "gauge_count"),
    .histograms = REGISTRY_ARRAY("histograms", "histogram_count"),
    .values = {VALKYRIA_METRIC_VALUES("g_metrics.", "sum_micros")},
    .http_bounds_ns = kHttpBoundsNs,
    .server_label = "loop",
    // What the runtime says of its systems and loops: half of it is never written, and the rest
    // is served as valk_aio_* and valk_loop_*. The latency of requests is nowhere else.
    .is_own =
        [](std::string_view name) {
          return (name.starts_with("aio_") || name.starts_with("event_loop_")) &&
                 name != "aio_request_duration_seconds";
        },
};

// What is told otherwise than the catalogue says.
inline constexpr std::array kDifferences{
    Difference{
        &GcMetrics::heap_peak_bytes,
        "The largest that was seen since attach, or before the last collection: a lower bound."},
    Difference{&GcMetrics::trigger_bytes,
               "The lower of two: what an allocation collects above, and what the end of a "
               "top-level form does."},
    Difference{&InterpreterMetrics::evals,
               "Steps of the evaluator, of which an expression may take several."},
    Difference{
        &InterpreterMetrics::stack_depth_max,
        "Of all threads together; raised without a lock, so it may be a little less than it was."},
    Difference{&SystemMetrics::handles,
               "Those of the runtime's own pool; what libuv keeps besides is left out."},
    Difference{&SystemMetrics::tcp_buffer_overflows,
               "Only those of reading; elsewhere the runtime does not count."},
    Difference{&SystemMetrics::uptime_ns,
               "The age of the first system; all share one registry of metrics."},
    Difference{&SystemMetrics::connections_accepted,
               "Those that could not be accepted are counted, too."},
    Difference{&SystemMetrics::connections_failed, "Only those that could not be accepted."},
    Difference{&SystemMetrics::requests_active, "The streams that are open."},
    Difference{&SystemMetrics::request_errors, "Those that were shed are counted, too."},
    Difference{&SystemMetrics::bytes_sent,
               "What was streamed is left out, and answers to requests that were shed."},
    Difference{&SystemMetrics::bytes_received, "Requests that were shed are left out."},
    Difference{
        &ServerMetrics::requests,
        "\"other\" is 1xx, 3xx, and what ended without an answer. Requests whose asynchronous "
        "handler had given its memory back before their stream closed are left out."},
    Difference{&ServerMetrics::request_duration_ns,
               "Requests that were shed are left out, and streams of events, and requests whose "
               "asynchronous handler had given its memory back before their stream closed; those "
               "that ended without an answer are counted. Ends when the last frame is handed to "
               "the HTTP/2 library."},
    Difference{&ServerMetrics::bytes_sent,
               "Answers to requests that were shed are left out, and of asynchronous handlers that "
               "had given their memory back before."},
    Difference{&ServerMetrics::bytes_received,
               "Requests that were shed are left out, and those of asynchronous handlers that had "
               "given their memory back before."},
    Difference{&ServerMetrics::overload_responses,
               "Of requests alone; a connection that is shed gets no response."},
};

#undef HEAP
#undef SYSTEM
#undef METRIC
#undef STATISTIC
#undef REGISTRY_ARRAY

}  // namespace state::valkyria_2026_02
