#include "state/runtimes/registry_servers.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "state/field_reader.h"

namespace state {
namespace {

using model::Count;
using model::ServerMetrics;
using model::StatusClass;

struct StatusText {
  std::string_view text;
  StatusClass status;
};
constexpr std::array kStatuses{
    StatusText{"2xx", StatusClass::k2xx}, StatusText{"3xx", StatusClass::k3xx},
    StatusText{"4xx", StatusClass::k4xx}, StatusText{"5xx", StatusClass::k5xx}};

// What the runtimes themselves call these series.
struct ServerNumber {
  std::string_view name;
  Count ServerMetrics::*count;
};
constexpr std::array kServerCounters{
    ServerNumber{"http_bytes_sent_total", &ServerMetrics::bytes_sent},
    ServerNumber{"http_bytes_recv_total", &ServerMetrics::bytes_received},
    ServerNumber{"http_overload_responses_total", &ServerMetrics::overload_responses}};
constexpr std::array kServerGauges{
    ServerNumber{"http_connections_active", &ServerMetrics::connections_active}};
constexpr std::string_view kRequests = "http_requests_total";  // by status

constexpr std::size_t kServerLabels = 3;

void add(Count& sum, Count value) {
  if (!value) return;
  sum = sum.value_or(0) <= kMaxBelieved - *value ? Count(sum.value_or(0) + *value) : std::nullopt;
}

void add_status(ServerMetrics& server, StatusClass status, std::uint64_t count) {
  const auto known =
      std::find_if(server.requests.begin(), server.requests.end(),
                   [&](const model::StatusCount& other) { return other.status == status; });
  if (known == server.requests.end()) {
    server.requests.push_back({status, count});
  } else {
    known->count += count;
  }
}

}  // namespace

void RegistryServers::append_counter_members(std::vector<model::Member>& members) {
  members.emplace_back(&ServerMetrics::requests);
  for (const ServerNumber& known : kServerCounters) members.emplace_back(known.count);
}

void RegistryServers::append_gauge_members(std::vector<model::Member>& members) {
  for (const ServerNumber& known : kServerGauges) members.emplace_back(known.count);
}

void RegistryServers::append_histogram_members(std::vector<model::Member>& members) {
  members.emplace_back(&ServerMetrics::request_duration_ns);
}

bool RegistryServers::is_of_server(const RegisteredMetric& metric, std::size_t more_labels) const {
  const bool has_besides = label_besides_.empty() || !metric.label(label_besides_).empty();
  const std::size_t labels = kServerLabels + (label_besides_.empty() ? 0 : 1) + more_labels;
  return has_besides && metric.labels.size() == labels && !metric.label("server").empty() &&
         !metric.label("port").empty() && !metric.label("protocol").empty();
}

ServerMetrics& RegistryServers::server_of(const RegisteredMetric& metric) {
  const auto host = metric.label("server");
  const auto port = metric.label("port");
  const auto protocol = metric.label("protocol");
  ServerMetrics& server = servers_[{std::string(host), std::string(port), std::string(protocol)}];
  server.host = host;
  server.port = port;
  server.protocol = protocol;
  return server;
}

bool RegistryServers::add_counter(const RegisteredMetric& metric, Count value) {
  if (metric.name == kRequests) return add_requests(metric, value);
  for (const ServerNumber& known : kServerCounters) {
    if (metric.name != known.name || !is_of_server(metric, 0)) continue;
    add(server_of(metric).*known.count, value);
    return true;
  }
  return false;
}

// The series without a status is the sum of the others, and would count everything twice.
bool RegistryServers::add_requests(const RegisteredMetric& metric, Count value) {
  const auto status = metric.label("status");
  if (status.empty() && is_of_server(metric, 0)) {
    server_of(metric);
    return true;
  }
  const auto* const known =
      std::find_if(kStatuses.begin(), kStatuses.end(),
                   [&](const StatusText& candidate) { return candidate.text == status; });
  if (known == kStatuses.end() || !is_of_server(metric, 1)) return false;
  if (value) add_status(server_of(metric), known->status, *value);
  return true;
}

bool RegistryServers::add_gauge(const RegisteredMetric& metric, Count value) {
  for (const ServerNumber& known : kServerGauges) {
    if (metric.name != known.name || !is_of_server(metric, 0)) continue;
    add(server_of(metric).*known.count, value);
    return true;
  }
  return false;
}

bool RegistryServers::add_request_duration(const RegisteredMetric& metric,
                                           const std::optional<model::Histogram>& duration) {
  if (!is_of_server(metric, 0)) return false;
  std::optional<model::Histogram>& known = server_of(metric).request_duration_ns;
  if (!known) {
    known = duration;
  } else if (duration && known->counts.size() == duration->counts.size()) {
    known->sum_ns += duration->sum_ns;
    for (std::size_t i = 0; i < known->counts.size(); ++i) known->counts[i] += duration->counts[i];
  }
  return true;
}

std::vector<ServerMetrics> RegistryServers::take() {
  std::vector<ServerMetrics> list;
  for (auto& [key, server] : servers_) list.push_back(std::move(server));
  servers_.clear();
  return list;
}

}  // namespace state
