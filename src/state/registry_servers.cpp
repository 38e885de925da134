#include "state/registry_servers.h"

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

// Null: the series is of no server.
ServerMetrics* RegistryServers::find(const RegisteredMetric& metric) {
  const auto host = metric.label("server");
  const auto port = metric.label("port");
  const auto protocol = metric.label("protocol");
  if (host.empty() || port.empty()) return nullptr;
  ServerMetrics& server = servers_[{std::string(host), std::string(port), std::string(protocol)}];
  server.host = host;
  server.port = port;
  server.protocol = protocol;
  return &server;
}

void RegistryServers::add_counter(const RegisteredMetric& metric, Count value) {
  ServerMetrics* const server = find(metric);
  if (server == nullptr || !value) return;
  if (metric.name == "http_bytes_sent_total") add(server->bytes_sent, value);
  if (metric.name == "http_bytes_recv_total") add(server->bytes_received, value);
  if (metric.name == "http_overload_responses_total") add(server->overload_responses, value);
  if (metric.name != "http_requests_total") return;
  // The series without a status is the sum of the others, and would count everything twice.
  for (const StatusText& status : kStatuses) {
    if (metric.label("status") == status.text) add_status(*server, status.status, *value);
  }
}

void RegistryServers::add_gauge(const RegisteredMetric& metric, Count value) {
  if (metric.name != "http_connections_active") return;
  ServerMetrics* const server = find(metric);
  if (server != nullptr) add(server->connections_active, value);
}

void RegistryServers::add_request_duration(const RegisteredMetric& metric,
                                           const std::optional<model::Histogram>& duration) {
  ServerMetrics* const server = find(metric);
  if (server == nullptr || !duration) return;
  if (!server->request_duration_ns) {
    server->request_duration_ns = duration;
    return;
  }
  model::Histogram& sum = *server->request_duration_ns;
  if (sum.counts.size() != duration->counts.size()) return;
  sum.sum_ns += duration->sum_ns;
  for (std::size_t i = 0; i < sum.counts.size(); ++i) sum.counts[i] += duration->counts[i];
}

std::vector<ServerMetrics> RegistryServers::take() {
  std::vector<ServerMetrics> list;
  for (auto& [key, server] : servers_) list.push_back(std::move(server));
  servers_.clear();
  return list;
}

}  // namespace state
