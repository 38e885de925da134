#include "timeline/history_columns.h"

#include <algorithm>
#include <limits>

namespace timeline {
namespace {

using model::ClientMetrics;
using model::Count;
using model::GcMetrics;
using model::InterpreterMetrics;
using model::ProcessMetrics;
using model::ServerMetrics;
using model::StatusClass;
using model::SystemMetrics;
using model::TargetMetrics;

constexpr double kUnknown = std::numeric_limits<double>::quiet_NaN();

double number(const Count& count) {
  return count ? static_cast<double>(*count) : kUnknown;
}

double seconds(const Count& duration_ns) {
  return number(duration_ns) / 1e9;
}

template <auto member, typename Metrics>
double count_of(const Metrics& metrics) {
  return number(metrics.*member);
}

template <auto member, typename Metrics>
double seconds_of(const Metrics& metrics) {
  return seconds(metrics.*member);
}

template <auto part, auto member>
double count_in(const TargetMetrics& target) {
  return number(target.*part.*member);
}

template <auto part, auto member>
double seconds_in(const TargetMetrics& target) {
  return seconds(target.*part.*member);
}

// Of all servers together, where at least one tells it.
double request_gc_pause_seconds(const TargetMetrics& target) {
  Count sum_ns;
  for (const ServerMetrics& server : target.servers) {
    if (server.request_gc_pause_ns) {
      sum_ns = sum_ns.value_or(0) + *server.request_gc_pause_ns;
    }
  }
  return seconds(sum_ns);
}

template <StatusClass status>
double requests_of(const ServerMetrics& server) {
  if (server.requests.empty()) return kUnknown;
  const auto found =
      std::find_if(server.requests.begin(), server.requests.end(),
                   [](const model::StatusCount& count) { return count.status == status; });
  return found == server.requests.end() ? 0 : static_cast<double>(found->count);
}

double stalls(const SystemMetrics& system) {
  return system.loop_stall_ns ? static_cast<double>(system.loop_stall_ns->count()) : kUnknown;
}

constexpr auto kGc = &TargetMetrics::gc;
constexpr auto kInterpreter = &TargetMetrics::interpreter;
constexpr auto kProcess = &TargetMetrics::process_metrics;

constexpr ColumnOf<TargetMetrics> kTargetColumns[] = {
    {"up", [](const TargetMetrics& target) { return target.up ? 1.0 : 0.0; }},
    {"pid", [](const TargetMetrics& target) { return double(target.id.pid); }},
    {"start_unix_ms",
     [](const TargetMetrics& target) {
       return number(target.process_metrics.start_unix_ns) / 1e6;
     }},
    {"gc_cycles", count_in<kGc, &GcMetrics::cycles>},
    {"gc_pause_seconds", seconds_in<kGc, &GcMetrics::pause_ns_total>},
    {"gc_reclaimed_bytes", count_in<kGc, &GcMetrics::reclaimed_bytes>},
    {"heap_used", count_in<kGc, &GcMetrics::heap_used_bytes>},
    {"heap_total", count_in<kGc, &GcMetrics::heap_total_bytes>},
    {"heap_trigger", count_in<kGc, &GcMetrics::trigger_bytes>},
    {"heap_live", count_in<kGc, &GcMetrics::heap_live_bytes>},
    {"heap_peak", count_in<kGc, &GcMetrics::heap_peak_bytes>},
    {"evals", count_in<kInterpreter, &InterpreterMetrics::evals>},
    {"function_calls", count_in<kInterpreter, &InterpreterMetrics::function_calls>},
    {"builtin_calls", count_in<kInterpreter, &InterpreterMetrics::builtin_calls>},
    {"closures_created", count_in<kInterpreter, &InterpreterMetrics::closures_created>},
    {"env_lookups", count_in<kInterpreter, &InterpreterMetrics::env_lookups>},
    {"cpu_seconds", seconds_in<kProcess, &ProcessMetrics::cpu_ns>},
    {"rss", count_in<kProcess, &ProcessMetrics::resident_bytes>},
    {"request_gc_pause_seconds", request_gc_pause_seconds},
    {"overhead_ratio",
     [](const TargetMetrics& target) { return target.overhead_ratio.value_or(kUnknown); }},
};

constexpr ColumnOf<SystemMetrics> kSystemColumns[] = {
    {"uptime_seconds", seconds_of<&SystemMetrics::uptime_ns, SystemMetrics>},
    {"loop_iterations", count_of<&SystemMetrics::loop_iterations, SystemMetrics>},
    {"loop_events", count_of<&SystemMetrics::loop_events, SystemMetrics>},
    {"loop_idle_seconds", seconds_of<&SystemMetrics::loop_idle_ns, SystemMetrics>},
    {"stalls", stalls},
    {"connections_connecting", count_of<&SystemMetrics::connections_connecting, SystemMetrics>},
    {"connections_active", count_of<&SystemMetrics::connections_active, SystemMetrics>},
    {"connections_idle", count_of<&SystemMetrics::connections_idle, SystemMetrics>},
    {"connections_closing", count_of<&SystemMetrics::connections_closing, SystemMetrics>},
    {"connections_accepted", count_of<&SystemMetrics::connections_accepted, SystemMetrics>},
    {"connections_rejected", count_of<&SystemMetrics::connections_rejected, SystemMetrics>},
    {"pool_used", count_of<&SystemMetrics::connection_pool_used, SystemMetrics>},
    {"pool_total", count_of<&SystemMetrics::connection_pool_total, SystemMetrics>},
    {"requests", count_of<&SystemMetrics::requests, SystemMetrics>},
    {"request_errors", count_of<&SystemMetrics::request_errors, SystemMetrics>},
    {"bytes_sent", count_of<&SystemMetrics::bytes_sent, SystemMetrics>},
    {"bytes_received", count_of<&SystemMetrics::bytes_received, SystemMetrics>},
};

constexpr ColumnOf<ServerMetrics> kServerColumns[] = {
    {"connections_active", count_of<&ServerMetrics::connections_active, ServerMetrics>},
    {"requests_1xx", requests_of<StatusClass::k1xx>},
    {"requests_2xx", requests_of<StatusClass::k2xx>},
    {"requests_3xx", requests_of<StatusClass::k3xx>},
    {"requests_4xx", requests_of<StatusClass::k4xx>},
    {"requests_5xx", requests_of<StatusClass::k5xx>},
    {"requests_other", requests_of<StatusClass::kOther>},
    {"bytes_sent", count_of<&ServerMetrics::bytes_sent, ServerMetrics>},
    {"bytes_received", count_of<&ServerMetrics::bytes_received, ServerMetrics>},
    {"overload_responses", count_of<&ServerMetrics::overload_responses, ServerMetrics>},
    {"gc_pause_seconds", seconds_of<&ServerMetrics::request_gc_pause_ns, ServerMetrics>},
};

constexpr ColumnOf<ClientMetrics> kClientColumns[] = {
    {"connections_active", count_of<&ClientMetrics::connections_active, ClientMetrics>},
    {"pool_size", count_of<&ClientMetrics::pool_size, ClientMetrics>},
    {"operations", count_of<&ClientMetrics::operations, ClientMetrics>},
    {"errors", count_of<&ClientMetrics::errors, ClientMetrics>},
    {"retries", count_of<&ClientMetrics::retries, ClientMetrics>},
    {"cache_hits", count_of<&ClientMetrics::cache_hits, ClientMetrics>},
    {"cache_misses", count_of<&ClientMetrics::cache_misses, ClientMetrics>},
};

const model::Histogram* pointer_to(const std::optional<model::Histogram>& histogram) {
  return histogram ? &*histogram : nullptr;
}

}  // namespace

template <>
std::span<const ColumnOf<TargetMetrics>> columns_of() {
  return kTargetColumns;
}
template <>
std::span<const ColumnOf<SystemMetrics>> columns_of() {
  return kSystemColumns;
}
template <>
std::span<const ColumnOf<ServerMetrics>> columns_of() {
  return kServerColumns;
}
template <>
std::span<const ColumnOf<ClientMetrics>> columns_of() {
  return kClientColumns;
}

const model::Histogram* latency_of(const SystemMetrics& system) {
  return pointer_to(system.request_duration_ns);
}
const model::Histogram* latency_of(const ServerMetrics& server) {
  return pointer_to(server.request_duration_ns);
}
const model::Histogram* latency_of(const ClientMetrics& client) {
  return pointer_to(client.duration_ns);
}

}  // namespace timeline
