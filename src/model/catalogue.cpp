#include "model/catalogue.h"

#include <array>

namespace model {
namespace {

constexpr std::array<CatalogueEntry, 64> kCatalogue{{
    {"valk_gc_cycles_total", Preference::kStateElseProbe},
    {"valk_gc_pause_seconds_total", Preference::kStateElseProbe},
    {"valk_gc_pause_seconds_max", Preference::kStateElseProbe},
    {"valk_gc_reclaimed_bytes_total", Preference::kStateElseProbe},
    {"valk_gc_heap_used_bytes", Preference::kStateOnly},
    {"valk_gc_heap_total_bytes", Preference::kStateElseProbe},
    {"valk_gc_heap_utilization_ratio", Preference::kStateOnly},
    {"valk_gc_heap_peak_bytes", Preference::kStateOnly},
    {"valk_gc_trigger_bytes", Preference::kStateElseProbe},
    {"valk_eval_total", Preference::kStateOnly},
    {"valk_function_calls_total", Preference::kStateOnly},
    {"valk_builtin_calls_total", Preference::kStateOnly},
    {"valk_stack_depth_max", Preference::kStateOnly},
    {"valk_closures_created_total", Preference::kStateOnly},
    {"valk_env_lookups_total", Preference::kStateOnly},
    {"valk_loop_iterations_total", Preference::kStateOnly},
    {"valk_events_processed_total", Preference::kStateOnly},
    {"valk_loop_idle_seconds_total", Preference::kStateOnly},
    {"valk_aio_servers_count", Preference::kStateOnly},
    {"valk_aio_clients_count", Preference::kStateOnly},
    {"valk_aio_handles_count", Preference::kStateOnly},
    {"valk_aio_arenas_used", Preference::kStateOnly},
    {"valk_aio_arenas_total", Preference::kStateOnly},
    {"valk_aio_tcp_buffers_used", Preference::kStateOnly},
    {"valk_aio_tcp_buffers_total", Preference::kStateOnly},
    {"valk_aio_queue_depth", Preference::kStateOnly},
    {"valk_aio_pending_requests", Preference::kStateOnly},
    {"valk_aio_pending_responses", Preference::kStateOnly},
    {"valk_aio_arena_pool_overflow_total", Preference::kStateOnly},
    {"valk_aio_tcp_buffer_overflow_total", Preference::kStateOnly},
    {"valk_aio_connections_rejected_load_total", Preference::kStateOnly},
    {"valk_aio_uptime_seconds", Preference::kStateOnly},
    {"valk_aio_connections_total", Preference::kStateOnly},
    {"valk_aio_connections_active", Preference::kStateOnly},
    {"valk_aio_connections_failed", Preference::kStateOnly},
    {"valk_aio_connection_failures_total", Preference::kStateOnly},
    {"valk_aio_connections_connecting", Preference::kStateOnly},
    {"valk_aio_connections_idle", Preference::kStateOnly},
    {"valk_aio_connections_closing", Preference::kStateOnly},
    {"valk_aio_connection_pool_total", Preference::kStateOnly},
    {"valk_aio_connection_pool_used", Preference::kStateOnly},
    {"valk_aio_streams_total", Preference::kStateOnly},
    {"valk_aio_streams_active", Preference::kStateOnly},
    {"valk_aio_requests_total", Preference::kStateOnly},
    {"valk_aio_requests_active", Preference::kStateOnly},
    {"valk_aio_requests_errors", Preference::kStateOnly},
    {"valk_aio_request_errors_total", Preference::kStateOnly},
    {"valk_aio_bytes_sent_total", Preference::kStateOnly},
    {"valk_aio_bytes_recv_total", Preference::kStateOnly},
    {"http_requests_total", Preference::kStateElseProbe},
    {"http_connections_active", Preference::kStateOnly},
    {"http_request_duration_seconds", Preference::kProbeElseState},
    {"http_bytes_sent_total", Preference::kStateElseProbe},
    {"http_bytes_recv_total", Preference::kStateElseProbe},
    {"http_overload_responses_total", Preference::kStateElseProbe},
    {"http_client_connections_active", Preference::kStateOnly},
    {"http_client_pool_size", Preference::kStateOnly},
    {"http_client_operations_total", Preference::kStateElseProbe},
    {"http_client_errors_total", Preference::kStateElseProbe},
    {"http_client_retries_total", Preference::kStateElseProbe},
    {"http_client_cache_hits_total", Preference::kStateElseProbe},
    {"http_client_cache_misses_total", Preference::kStateElseProbe},
    {"http_client_request_duration_seconds", Preference::kProbeElseState},
    {"http_client_latency_seconds_avg", Preference::kStateElseProbe},
}};

}  // namespace

std::span<const CatalogueEntry> catalogue() {
  return kCatalogue;
}

}  // namespace model
