// The fields of minivalk's counters (tools/minivalk/counters.h) and what they are in the model. For
// minivalk.cpp alone.
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "model/snapshot.h"
#include "state/readings.h"
#include "state/runtimes/number_table.h"

namespace state::minivalk {

using model::ClientMetrics;
using model::GcMetrics;
using model::InterpreterMetrics;
using model::ServerMetrics;
using model::SystemMetrics;

// Inclusive upper bounds: HISTOGRAM_HTTP of tools/minivalk/histogram.c.
inline constexpr std::array<std::uint64_t, 17> kHttpBoundsNs{
    50'000,      100'000,       250'000,       500'000,       1'000'000,      2'500'000,
    5'000'000,   10'000'000,    25'000'000,    50'000'000,    100'000'000,    250'000'000,
    500'000'000, 1'000'000'000, 2'500'000'000, 5'000'000'000, 10'000'000'000,
};

inline constexpr std::array kGcNumbers{
    Number{"minivalk_runtime.gc.cycles_total", &GcMetrics::cycles},
    Number{"minivalk_runtime.gc.pause_ns_total", &GcMetrics::pause_ns_total},
    Number{"minivalk_runtime.gc.pause_ns_max", &GcMetrics::pause_ns_max},
    Number{"minivalk_runtime.gc.reclaimed_bytes_total", &GcMetrics::reclaimed_bytes},
    Number{"minivalk_runtime.gc.heap_used_bytes", &GcMetrics::heap_used_bytes},
    Number{"minivalk_runtime.gc.heap_total_bytes", &GcMetrics::heap_total_bytes},
    Number{"minivalk_runtime.gc.heap_peak_bytes", &GcMetrics::heap_peak_bytes},
    Number{"minivalk_runtime.gc.heap_live_bytes", &GcMetrics::heap_live_bytes},
    Number{"minivalk_runtime.gc.last_collection_unix_ns", &GcMetrics::last_collection_unix_ns},
    Number{"minivalk_runtime.gc.trigger_bytes", &GcMetrics::trigger_bytes},
    Number{"minivalk_runtime.gc.exhausted_total", &GcMetrics::heap_exhausted},
};

inline constexpr std::array kInterpreterNumbers{
    Number{"minivalk_runtime.vm.evals_total", &InterpreterMetrics::evals},
    Number{"minivalk_runtime.vm.function_calls_total", &InterpreterMetrics::function_calls},
    Number{"minivalk_runtime.vm.builtin_calls_total", &InterpreterMetrics::builtin_calls},
    Number{"minivalk_runtime.vm.stack_depth_max", &InterpreterMetrics::stack_depth_max},
    Number{"minivalk_runtime.vm.closures_created_total", &InterpreterMetrics::closures_created},
    Number{"minivalk_runtime.vm.env_lookups_total", &InterpreterMetrics::env_lookups},
};

#define SYSTEM(field) "minivalk_runtime.systems[]." field
inline constexpr std::array kSystemNumbers{
    Number{SYSTEM("loop_iterations_total"), &SystemMetrics::loop_iterations},
    Number{SYSTEM("events_processed_total"), &SystemMetrics::loop_events},
    Number{SYSTEM("servers_count"), &SystemMetrics::servers},
    Number{SYSTEM("clients_count"), &SystemMetrics::clients},
    Number{SYSTEM("handles_count"), &SystemMetrics::handles},
    Number{SYSTEM("arenas_used"), &SystemMetrics::arenas_used},
    Number{SYSTEM("arenas_total"), &SystemMetrics::arenas_total},
    Number{SYSTEM("arena_pool_overflow_total"), &SystemMetrics::arena_overflows},
    Number{SYSTEM("tcp_buffers_used"), &SystemMetrics::tcp_buffers_used},
    Number{SYSTEM("tcp_buffers_total"), &SystemMetrics::tcp_buffers_total},
    Number{SYSTEM("tcp_buffer_overflow_total"), &SystemMetrics::tcp_buffer_overflows},
    Number{SYSTEM("queue_depth"), &SystemMetrics::queue_depth},
    Number{SYSTEM("pending_requests"), &SystemMetrics::pending_requests},
    Number{SYSTEM("pending_responses"), &SystemMetrics::pending_responses},
    Number{SYSTEM("connections_total"), &SystemMetrics::connections_accepted},
    Number{SYSTEM("connections_failed"), &SystemMetrics::connections_failed},
    Number{SYSTEM("connections_rejected_load_total"), &SystemMetrics::connections_rejected},
    Number{SYSTEM("connections_connecting"), &SystemMetrics::connections_connecting},
    Number{SYSTEM("connections_active"), &SystemMetrics::connections_active},
    Number{SYSTEM("connections_idle"), &SystemMetrics::connections_idle},
    Number{SYSTEM("connections_closing"), &SystemMetrics::connections_closing},
    Number{SYSTEM("connection_pool_total"), &SystemMetrics::connection_pool_total},
    Number{SYSTEM("connection_pool_used"), &SystemMetrics::connection_pool_used},
    Number{SYSTEM("streams_total"), &SystemMetrics::streams},
    Number{SYSTEM("streams_active"), &SystemMetrics::streams_active},
    Number{SYSTEM("requests_total"), &SystemMetrics::requests},
    Number{SYSTEM("requests_active"), &SystemMetrics::requests_active},
    Number{SYSTEM("requests_errors"), &SystemMetrics::request_errors},
    Number{SYSTEM("bytes_sent_total"), &SystemMetrics::bytes_sent},
    Number{SYSTEM("bytes_recv_total"), &SystemMetrics::bytes_received},
};
inline constexpr const char* kSystemCount = "minivalk_runtime.system_count";
inline constexpr const char* kSystemName = SYSTEM("name");
inline constexpr const char* kSystemIdle = SYSTEM("loop_idle_ns_total");
inline constexpr const char* kSystemWaits = SYSTEM("loop_waits_since_ns");
inline constexpr const char* kSystemStart = SYSTEM("started_at_ns");

#define SERVER(field) "minivalk_runtime.servers[]." field
inline constexpr std::array kServerNumbers{
    Number{SERVER("connections_active"), &ServerMetrics::connections_active},
    Number{SERVER("bytes_sent_total"), &ServerMetrics::bytes_sent},
    Number{SERVER("bytes_recv_total"), &ServerMetrics::bytes_received},
    Number{SERVER("overload_responses_total"), &ServerMetrics::overload_responses},
};
inline constexpr const char* kServerCount = "minivalk_runtime.server_count";
inline constexpr const char* kServerHost = SERVER("host");
inline constexpr const char* kServerPort = SERVER("port");
inline constexpr const char* kServerProtocol = SERVER("protocol");
inline constexpr std::array kServerHistograms{
    HistogramRow{SERVER("request_duration.buckets[]"), SERVER("request_duration.sum_ns"),
                 &ServerMetrics::request_duration_ns, kHttpBoundsNs},
};

struct StatusPath {
  model::StatusClass status;
  const char* path;
};
inline constexpr std::array kStatusPaths{
    StatusPath{model::StatusClass::k2xx, SERVER("requests_2xx_total")},
    StatusPath{model::StatusClass::k3xx, SERVER("requests_3xx_total")},
    StatusPath{model::StatusClass::k4xx, SERVER("requests_4xx_total")},
    StatusPath{model::StatusClass::k5xx, SERVER("requests_5xx_total")},
    StatusPath{model::StatusClass::kOther, SERVER("requests_other_total")},
};

#define CLIENT(field) "minivalk_runtime.clients[]." field
inline constexpr std::array kClientNumbers{
    Number{CLIENT("connections_active"), &ClientMetrics::connections_active},
    Number{CLIENT("pool_size"), &ClientMetrics::pool_size},
    Number{CLIENT("operations_total"), &ClientMetrics::operations},
    Number{CLIENT("errors_total"), &ClientMetrics::errors},
    Number{CLIENT("retries_total"), &ClientMetrics::retries},
    Number{CLIENT("cache_hits_total"), &ClientMetrics::cache_hits},
    Number{CLIENT("cache_misses_total"), &ClientMetrics::cache_misses},
};
inline constexpr const char* kClientCount = "minivalk_runtime.client_count";
inline constexpr const char* kClientName = CLIENT("name");
inline constexpr const char* kClientType = CLIENT("type");
inline constexpr std::array kClientHistograms{
    HistogramRow{CLIENT("operation_duration.buckets[]"), CLIENT("operation_duration.sum_ns"),
                 &ClientMetrics::duration_ns, kHttpBoundsNs},
};

// What is told otherwise than the catalogue says.
inline constexpr std::array kDifferences{
    Difference{&SystemMetrics::queue_depth, "Nothing is queued between threads: always 0."},
};

#undef SYSTEM
#undef SERVER
#undef CLIENT

}  // namespace state::minivalk
