#include <array>

#include "expose/target_series.h"

namespace expose {
namespace {

using model::SystemMetrics;
using enum FamilyType;

// Two names of the runtime break the conventions of counters, so they stay untyped and the same
// number has a proper name besides. Those have other base names: OpenMetrics takes x and x_total
// for one family.
constexpr std::array<NumberFamily<SystemMetrics>, 34> kNumbers{{
    {"valk_loop_iterations_total", kCounter, "Turns of the event loop", Since::kStart,
     &SystemMetrics::loop_iterations},
    {"valk_events_processed_total", kCounter, "Events that the event loop processed", Since::kStart,
     &SystemMetrics::loop_events},
    {"valk_loop_idle_seconds_total", kCounter,
     "Seconds that the event loop waited in the kernel for events", Since::kStart,
     &SystemMetrics::loop_idle_ns, Unit::kNs},
    {"valk_aio_servers_count", kGauge, "HTTP servers of the AIO system", Since::kNow,
     &SystemMetrics::servers},
    {"valk_aio_clients_count", kGauge, "HTTP clients of the AIO system", Since::kNow,
     &SystemMetrics::clients},
    {"valk_aio_handles_count", kGauge, "Active handles of the AIO system", Since::kNow,
     &SystemMetrics::handles},
    {"valk_aio_arenas_used", kGauge, "Stream arenas in use", Since::kNow,
     &SystemMetrics::arenas_used},
    {"valk_aio_arenas_total", kGauge, "Stream arenas that there are", Since::kNow,
     &SystemMetrics::arenas_total},
    {"valk_aio_tcp_buffers_used", kGauge, "TCP buffers in use", Since::kNow,
     &SystemMetrics::tcp_buffers_used},
    {"valk_aio_tcp_buffers_total", kGauge, "TCP buffers that there are", Since::kNow,
     &SystemMetrics::tcp_buffers_total},
    {"valk_aio_queue_depth", kGauge, "Depth of the HTTP queue", Since::kNow,
     &SystemMetrics::queue_depth},
    {"valk_aio_pending_requests", kGauge, "Requests that wait", Since::kNow,
     &SystemMetrics::pending_requests},
    {"valk_aio_pending_responses", kGauge, "Responses that wait", Since::kNow,
     &SystemMetrics::pending_responses},
    {"valk_aio_arena_pool_overflow_total", kCounter, "Times that no stream arena was free",
     Since::kStart, &SystemMetrics::arena_overflows},
    {"valk_aio_tcp_buffer_overflow_total", kCounter, "Times that no TCP buffer was free",
     Since::kStart, &SystemMetrics::tcp_buffer_overflows},
    {"valk_aio_connections_rejected_load_total", kCounter, "Connections shed under load",
     Since::kStart, &SystemMetrics::connections_rejected},
    {"valk_aio_uptime_seconds", kGauge, "Age of the AIO system in seconds", Since::kNow,
     &SystemMetrics::uptime_ns, Unit::kNs},
    {"valk_aio_connections_total", kCounter, "Connections accepted", Since::kStart,
     &SystemMetrics::connections_accepted},
    {"valk_aio_connections_active", kGauge, "Connections in state active", Since::kNow,
     &SystemMetrics::connections_active},
    {"valk_aio_connections_failed", kUntyped, "Connections that failed", Since::kStart,
     &SystemMetrics::connections_failed},
    {"valk_aio_connection_failures_total", kCounter, "Connections that failed", Since::kStart,
     &SystemMetrics::connections_failed},
    {"valk_aio_connections_connecting", kGauge, "Connections in state connecting", Since::kNow,
     &SystemMetrics::connections_connecting},
    {"valk_aio_connections_idle", kGauge, "Connections in state idle", Since::kNow,
     &SystemMetrics::connections_idle},
    {"valk_aio_connections_closing", kGauge, "Connections in state closing", Since::kNow,
     &SystemMetrics::connections_closing},
    {"valk_aio_connection_pool_total", kGauge, "Capacity of the connection pool", Since::kNow,
     &SystemMetrics::connection_pool_total},
    {"valk_aio_connection_pool_used", kGauge, "Connections active, idle or closing", Since::kNow,
     &SystemMetrics::connection_pool_used},
    {"valk_aio_streams_total", kCounter, "Streams opened", Since::kStart, &SystemMetrics::streams},
    {"valk_aio_streams_active", kGauge, "Streams that are open", Since::kNow,
     &SystemMetrics::streams_active},
    {"valk_aio_requests_total", kCounter, "Requests handled", Since::kStart,
     &SystemMetrics::requests},
    {"valk_aio_requests_active", kGauge, "Requests in progress", Since::kNow,
     &SystemMetrics::requests_active},
    {"valk_aio_requests_errors", kUntyped, "Requests that failed", Since::kStart,
     &SystemMetrics::request_errors},
    {"valk_aio_request_errors_total", kCounter, "Requests that failed", Since::kStart,
     &SystemMetrics::request_errors},
    {"valk_aio_bytes_sent_total", kCounter,
     "Application bytes that the AIO system sent, as the runtime counts them,", Since::kStart,
     &SystemMetrics::bytes_sent},
    {"valk_aio_bytes_recv_total", kCounter,
     "Application bytes that the AIO system received, as the runtime counts them,", Since::kStart,
     &SystemMetrics::bytes_received},
}};

}  // namespace

std::vector<Family> aio_families(Targets targets) {
  std::vector<Family> families;
  families.reserve(kNumbers.size());
  append_families(families, targets, kNumbers, [](const auto& target, auto visit) {
    for (const SystemMetrics& system : target.systems) visit(system, {{"system", system.name}});
  });
  return families;
}

}  // namespace expose
