#include "state/minivalk.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "state/field_reader.h"
#include "state/number_table.h"

namespace state {
namespace {

using base::fail;
using base::Result;
using model::ClientMetrics;
using model::GcMetrics;
using model::InterpreterMetrics;
using model::ServerMetrics;
using model::SystemMetrics;

constexpr std::array kGcNumbers{
    Number{"minivalk_runtime.gc.cycles_total", &GcMetrics::cycles, "valk_gc_cycles_total"},
    Number{"minivalk_runtime.gc.pause_ns_total", &GcMetrics::pause_ns_total,
           "valk_gc_pause_seconds_total"},
    Number{"minivalk_runtime.gc.pause_ns_max", &GcMetrics::pause_ns_max,
           "valk_gc_pause_seconds_max"},
    Number{"minivalk_runtime.gc.reclaimed_bytes_total", &GcMetrics::reclaimed_bytes,
           "valk_gc_reclaimed_bytes_total"},
    Number{"minivalk_runtime.gc.heap_used_bytes", &GcMetrics::heap_used_bytes,
           "valk_gc_heap_used_bytes", "valk_gc_heap_utilization_ratio"},
    Number{"minivalk_runtime.gc.heap_total_bytes", &GcMetrics::heap_total_bytes,
           "valk_gc_heap_total_bytes"},
    Number{"minivalk_runtime.gc.heap_peak_bytes", &GcMetrics::heap_peak_bytes,
           "valk_gc_heap_peak_bytes"},
    Number{"minivalk_runtime.gc.trigger_bytes", &GcMetrics::trigger_bytes, "valk_gc_trigger_bytes"},
};

constexpr std::array kInterpreterNumbers{
    Number{"minivalk_runtime.vm.evals_total", &InterpreterMetrics::evals, "valk_eval_total"},
    Number{"minivalk_runtime.vm.function_calls_total", &InterpreterMetrics::function_calls,
           "valk_function_calls_total"},
    Number{"minivalk_runtime.vm.builtin_calls_total", &InterpreterMetrics::builtin_calls,
           "valk_builtin_calls_total"},
    Number{"minivalk_runtime.vm.stack_depth_max", &InterpreterMetrics::stack_depth_max,
           "valk_stack_depth_max"},
    Number{"minivalk_runtime.vm.closures_created_total", &InterpreterMetrics::closures_created,
           "valk_closures_created_total"},
    Number{"minivalk_runtime.vm.env_lookups_total", &InterpreterMetrics::env_lookups,
           "valk_env_lookups_total"},
};

#define SYSTEM(field) "minivalk_runtime.systems[]." field
constexpr std::array kSystemNumbers{
    Number{SYSTEM("loop_iterations_total"), &SystemMetrics::loop_iterations,
           "valk_loop_iterations_total"},
    Number{SYSTEM("events_processed_total"), &SystemMetrics::loop_events,
           "valk_events_processed_total"},
    Number{SYSTEM("loop_idle_ns_total"), &SystemMetrics::loop_idle_ns,
           "valk_loop_idle_seconds_total"},
    Number{SYSTEM("servers_count"), &SystemMetrics::servers, "valk_aio_servers_count"},
    Number{SYSTEM("clients_count"), &SystemMetrics::clients, "valk_aio_clients_count"},
    Number{SYSTEM("handles_count"), &SystemMetrics::handles, "valk_aio_handles_count"},
    Number{SYSTEM("arenas_used"), &SystemMetrics::arenas_used, "valk_aio_arenas_used"},
    Number{SYSTEM("arenas_total"), &SystemMetrics::arenas_total, "valk_aio_arenas_total"},
    Number{SYSTEM("arena_pool_overflow_total"), &SystemMetrics::arena_overflows,
           "valk_aio_arena_pool_overflow_total"},
    Number{SYSTEM("tcp_buffers_used"), &SystemMetrics::tcp_buffers_used,
           "valk_aio_tcp_buffers_used"},
    Number{SYSTEM("tcp_buffers_total"), &SystemMetrics::tcp_buffers_total,
           "valk_aio_tcp_buffers_total"},
    Number{SYSTEM("tcp_buffer_overflow_total"), &SystemMetrics::tcp_buffer_overflows,
           "valk_aio_tcp_buffer_overflow_total"},
    Number{SYSTEM("queue_depth"), &SystemMetrics::queue_depth, "valk_aio_queue_depth"},
    Number{SYSTEM("pending_requests"), &SystemMetrics::pending_requests,
           "valk_aio_pending_requests"},
    Number{SYSTEM("pending_responses"), &SystemMetrics::pending_responses,
           "valk_aio_pending_responses"},
    Number{SYSTEM("connections_total"), &SystemMetrics::connections_accepted,
           "valk_aio_connections_total"},
    Number{SYSTEM("connections_failed"), &SystemMetrics::connections_failed,
           "valk_aio_connections_failed", "valk_aio_connection_failures_total"},
    Number{SYSTEM("connections_rejected_load_total"), &SystemMetrics::connections_rejected,
           "valk_aio_connections_rejected_load_total"},
    Number{SYSTEM("connections_connecting"), &SystemMetrics::connections_connecting,
           "valk_aio_connections_connecting"},
    Number{SYSTEM("connections_active"), &SystemMetrics::connections_active,
           "valk_aio_connections_active"},
    Number{SYSTEM("connections_idle"), &SystemMetrics::connections_idle,
           "valk_aio_connections_idle"},
    Number{SYSTEM("connections_closing"), &SystemMetrics::connections_closing,
           "valk_aio_connections_closing"},
    Number{SYSTEM("connection_pool_total"), &SystemMetrics::connection_pool_total,
           "valk_aio_connection_pool_total"},
    Number{SYSTEM("connection_pool_used"), &SystemMetrics::connection_pool_used,
           "valk_aio_connection_pool_used"},
    Number{SYSTEM("streams_total"), &SystemMetrics::streams, "valk_aio_streams_total"},
    Number{SYSTEM("streams_active"), &SystemMetrics::streams_active, "valk_aio_streams_active"},
    Number{SYSTEM("requests_total"), &SystemMetrics::requests, "valk_aio_requests_total"},
    Number{SYSTEM("requests_active"), &SystemMetrics::requests_active, "valk_aio_requests_active"},
    Number{SYSTEM("requests_errors"), &SystemMetrics::request_errors, "valk_aio_requests_errors",
           "valk_aio_request_errors_total"},
    Number{SYSTEM("bytes_sent_total"), &SystemMetrics::bytes_sent, "valk_aio_bytes_sent_total"},
    Number{SYSTEM("bytes_recv_total"), &SystemMetrics::bytes_received, "valk_aio_bytes_recv_total"},
};
constexpr const char* kSystemCount = "minivalk_runtime.system_count";
constexpr const char* kSystemName = SYSTEM("name");
constexpr const char* kSystemStart = SYSTEM("started_at_ns");

#define SERVER(field) "minivalk_runtime.servers[]." field
constexpr std::array kServerNumbers{
    Number{SERVER("connections_active"), &ServerMetrics::connections_active,
           "http_connections_active"},
    Number{SERVER("bytes_sent_total"), &ServerMetrics::bytes_sent, "http_bytes_sent_total"},
    Number{SERVER("bytes_recv_total"), &ServerMetrics::bytes_received, "http_bytes_recv_total"},
    Number{SERVER("overload_responses_total"), &ServerMetrics::overload_responses,
           "http_overload_responses_total"},
};
constexpr const char* kServerCount = "minivalk_runtime.server_count";
constexpr const char* kServerHost = SERVER("host");
constexpr const char* kServerPort = SERVER("port");
constexpr const char* kServerProtocol = SERVER("protocol");
constexpr HistogramPaths kRequestDuration{SERVER("request_duration.buckets[]"),
                                          SERVER("request_duration.sum_ns")};

struct StatusPath {
  model::StatusClass status;
  const char* path;
};
constexpr std::array kStatusPaths{
    StatusPath{model::StatusClass::k2xx, SERVER("requests_2xx_total")},
    StatusPath{model::StatusClass::k3xx, SERVER("requests_3xx_total")},
    StatusPath{model::StatusClass::k4xx, SERVER("requests_4xx_total")},
    StatusPath{model::StatusClass::k5xx, SERVER("requests_5xx_total")},
    StatusPath{model::StatusClass::kOther, SERVER("requests_other_total")},
};

#define CLIENT(field) "minivalk_runtime.clients[]." field
constexpr std::array kClientNumbers{
    Number{CLIENT("connections_active"), &ClientMetrics::connections_active,
           "http_client_connections_active"},
    Number{CLIENT("pool_size"), &ClientMetrics::pool_size, "http_client_pool_size"},
    Number{CLIENT("operations_total"), &ClientMetrics::operations, "http_client_operations_total"},
    Number{CLIENT("errors_total"), &ClientMetrics::errors, "http_client_errors_total"},
    Number{CLIENT("retries_total"), &ClientMetrics::retries, "http_client_retries_total"},
    Number{CLIENT("cache_hits_total"), &ClientMetrics::cache_hits, "http_client_cache_hits_total"},
    Number{CLIENT("cache_misses_total"), &ClientMetrics::cache_misses,
           "http_client_cache_misses_total"},
};
constexpr const char* kClientCount = "minivalk_runtime.client_count";
constexpr const char* kClientName = CLIENT("name");
constexpr const char* kClientType = CLIENT("type");
constexpr HistogramPaths kOperationDuration{CLIENT("operation_duration.buckets[]"),
                                            CLIENT("operation_duration.sum_ns")};

// Inclusive upper bounds: HISTOGRAM_HTTP of tools/minivalk/histogram.c.
constexpr std::array<std::uint64_t, 17> kHttpBoundsNs{
    50'000,      100'000,       250'000,       500'000,       1'000'000,      2'500'000,
    5'000'000,   10'000'000,    25'000'000,    50'000'000,    100'000'000,    250'000'000,
    500'000'000, 1'000'000'000, 2'500'000'000, 5'000'000'000, 10'000'000'000,
};

class MinivalkReader : public Reader {
 public:
  MinivalkReader(Layout layout, std::uint64_t load_bias)
      : fields_(std::move(layout), load_bias),
        gc_(kGcNumbers, fields_),
        interpreter_(kInterpreterNumbers, fields_),
        system_(kSystemNumbers, fields_),
        server_(kServerNumbers, fields_),
        client_(kClientNumbers, fields_),
        request_duration_(kRequestDuration, kHttpBoundsNs, fields_),
        operation_duration_(kOperationDuration, kHttpBoundsNs, fields_) {
    for (std::size_t i = 0; i < kStatusPaths.size(); ++i) {
      statuses_[i] = fields_.find(kStatusPaths[i].path);
    }
  }

  Result<Readings> read(memory::Memory& memory, std::uint64_t now_ns) override {
    if (auto copied = fields_.read(memory); !copied) return tl::make_unexpected(copied.error());
    if (!fields_.is_complete()) return fail("read minivalk_runtime: a part of it is not mapped");
    Readings readings;
    gc_.fill(readings.gc, fields_, {});
    interpreter_.fill(readings.interpreter, fields_, {});
    const auto systems = count_of(system_count_, system_name_);
    const auto servers = count_of(server_count_, server_host_);
    const auto clients = count_of(client_count_, client_name_);
    for (const auto* count : {&systems, &servers, &clients}) {
      if (!*count) return tl::make_unexpected(count->error());
    }
    for (std::size_t i = 0; i < *systems; ++i) readings.systems.push_back(system(i, now_ns));
    for (std::size_t i = 0; i < *servers; ++i) readings.servers.push_back(server(i));
    for (std::size_t i = 0; i < *clients; ++i) readings.clients.push_back(client(i));
    return readings;
  }

  std::vector<std::string_view> families() const override {
    std::vector<std::string_view> families;
    gc_.append_families(families);
    interpreter_.append_families(families);
    if (system_count_ && system_name_) {
      system_.append_families(families);
      if (system_start_) families.push_back("valk_aio_uptime_seconds");
    }
    if (server_count_ && server_host_ && server_port_ && server_protocol_) {
      server_.append_families(families);
      if (has_all_statuses()) families.push_back("http_requests_total");
      if (request_duration_.is_known()) families.push_back("http_request_duration_seconds");
    }
    if (client_count_ && client_name_ && client_type_) {
      client_.append_families(families);
      if (operation_duration_.is_known()) {
        families.push_back("http_client_request_duration_seconds");
        families.push_back("http_client_latency_seconds_avg");
      }
    }
    return families;
  }

 private:
  // How many elements are there. None where this build has no such thing; more than there is room
  // for means that this is not the memory that we take it for.
  Result<std::size_t> count_of(FieldHandle count, FieldHandle element) const {
    if (!count || !element) return 0;
    const auto number = fields_.number(count);
    const std::size_t capacity = fields_.capacity(element);
    if (!number || *number > capacity) {
      return fail("read {}: {} of at most {}: this is no minivalk",
                  fields_.layout().fields[*count].path, number.value_or(0), capacity);
    }
    return *number;
  }

  std::string text(FieldHandle field, std::size_t element) const {
    return fields_.text(field, {element}).value_or("");
  }

  SystemMetrics system(std::size_t i, std::uint64_t now_ns) const {
    SystemMetrics metrics;
    metrics.name = text(system_name_, i);
    system_.fill(metrics, fields_, {i});
    const auto started_ns = fields_.number(system_start_, {i});
    if (started_ns && *started_ns != 0 && *started_ns <= now_ns) {
      metrics.uptime_ns = now_ns - *started_ns;
    }
    return metrics;
  }

  bool has_all_statuses() const {
    return std::all_of(statuses_.begin(), statuses_.end(),
                       [](FieldHandle status) { return status.has_value(); });
  }

  // The usual classes are always there, the odd ones when they occur.
  std::vector<model::StatusCount> statuses(std::size_t i) const {
    std::vector<model::StatusCount> counts;
    if (!has_all_statuses()) return counts;
    for (std::size_t k = 0; k < kStatusPaths.size(); ++k) {
      const auto count = fields_.number(statuses_[k], {i});
      if (!count) return {};
      const bool is_odd = kStatusPaths[k].status == model::StatusClass::kOther;
      if (*count > 0 || !is_odd) counts.push_back({kStatusPaths[k].status, *count});
    }
    return counts;
  }

  ServerMetrics server(std::size_t i) const {
    ServerMetrics metrics;
    metrics.host = text(server_host_, i);
    if (const auto port = fields_.number(server_port_, {i})) metrics.port = std::to_string(*port);
    metrics.protocol = text(server_protocol_, i);
    server_.fill(metrics, fields_, {i});
    metrics.requests = statuses(i);
    metrics.request_duration_ns = request_duration_.read(fields_, i);
    return metrics;
  }

  ClientMetrics client(std::size_t i) const {
    ClientMetrics metrics;
    metrics.name = text(client_name_, i);
    metrics.type = text(client_type_, i);
    client_.fill(metrics, fields_, {i});
    metrics.duration_ns = operation_duration_.read(fields_, i);
    if (metrics.duration_ns) {
      metrics.latency =
          model::DurationSum{metrics.duration_ns->sum_ns, metrics.duration_ns->count()};
    }
    return metrics;
  }

  FieldReader fields_;
  NumberTable<GcMetrics> gc_;
  NumberTable<InterpreterMetrics> interpreter_;
  NumberTable<SystemMetrics> system_;
  NumberTable<ServerMetrics> server_;
  NumberTable<ClientMetrics> client_;
  HistogramFields request_duration_;
  HistogramFields operation_duration_;
  std::array<FieldHandle, kStatusPaths.size()> statuses_;
  FieldHandle system_count_ = fields_.find(kSystemCount);
  FieldHandle system_name_ = fields_.find(kSystemName);
  FieldHandle system_start_ = fields_.find(kSystemStart);
  FieldHandle server_count_ = fields_.find(kServerCount);
  FieldHandle server_host_ = fields_.find(kServerHost);
  FieldHandle server_port_ = fields_.find(kServerPort);
  FieldHandle server_protocol_ = fields_.find(kServerProtocol);
  FieldHandle client_count_ = fields_.find(kClientCount);
  FieldHandle client_name_ = fields_.find(kClientName);
  FieldHandle client_type_ = fields_.find(kClientType);
};

}  // namespace

std::vector<std::string> minivalk_paths() {
  std::vector<std::string> paths{kSystemCount, kSystemName, kSystemStart,    kServerCount,
                                 kServerHost,  kServerPort, kServerProtocol, kClientCount,
                                 kClientName,  kClientType};
  append_paths(paths, kGcNumbers);
  append_paths(paths, kInterpreterNumbers);
  append_paths(paths, kSystemNumbers);
  append_paths(paths, kServerNumbers);
  append_paths(paths, kClientNumbers);
  for (const StatusPath& status : kStatusPaths) paths.emplace_back(status.path);
  for (const HistogramPaths& histogram : {kRequestDuration, kOperationDuration}) {
    paths.emplace_back(histogram.buckets);
    paths.emplace_back(histogram.sum_ns);
  }
  return paths;
}

std::unique_ptr<Reader> make_minivalk_reader(Layout layout, std::uint64_t load_bias) {
  return std::make_unique<MinivalkReader>(std::move(layout), load_bias);
}

}  // namespace state
