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
constexpr Count ServerMetrics::*kShed = &ServerMetrics::overload_responses;

constexpr std::size_t kServerLabels = 3;

// A sum that has become too large stays so, whatever is added, until take() leaves it out.
constexpr std::uint64_t kTooLarge = kMaxBelieved + 1;

void add(std::uint64_t& sum, std::uint64_t value) {
  sum = std::min(sum + value, kTooLarge);
}

void add(Count& sum, Count value) {
  if (!value) return;
  if (!sum) sum = 0;
  add(*sum, *value);
}

void add_histogram(model::Histogram& sum, const model::Histogram& other) {
  if (sum.counts.size() != other.counts.size()) return;
  for (std::size_t i = 0; i < sum.counts.size(); ++i) add(sum.counts[i], other.counts[i]);
  add(sum.sum_ns, other.sum_ns);
}

bool is_believed(const model::Histogram& histogram) {
  std::uint64_t total = 0;
  for (const std::uint64_t count : histogram.counts) add(total, count);
  return total < kTooLarge && histogram.sum_ns < kTooLarge;
}

void add_status(ServerMetrics& server, StatusClass status, std::uint64_t count) {
  const auto known =
      std::find_if(server.requests.begin(), server.requests.end(),
                   [&](const model::StatusCount& other) { return other.status == status; });
  if (known == server.requests.end()) {
    server.requests.push_back({status, count});
  } else {
    add(known->count, count);
  }
}

void leave_out_what_is_too_large(ServerMetrics& server) {
  const auto leave_out = [&](const auto& known) {
    if (server.*known.count == kTooLarge) (server.*known.count).reset();
  };
  std::for_each(kServerCounters.begin(), kServerCounters.end(), leave_out);
  std::for_each(kServerGauges.begin(), kServerGauges.end(), leave_out);
  std::erase_if(server.requests, [](const auto& status) { return status.count == kTooLarge; });
  auto& duration = server.request_duration_ns;
  if (duration && !is_believed(*duration)) duration.reset();
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

RegisteredServer& RegistryServers::server_of(const RegisteredMetric& metric) {
  const auto host = metric.label("server");
  const auto port = metric.label("port");
  const auto protocol = metric.label("protocol");
  RegisteredServer& server =
      servers_[{std::string(host), std::string(port), std::string(protocol)}];
  server.metrics.host = host;
  server.metrics.port = port;
  server.metrics.protocol = protocol;
  return server;
}

bool RegistryServers::add_counter(const RegisteredMetric& metric, Count value) {
  if (metric.name == kRequests) return add_requests(metric, value);
  for (const ServerNumber& known : kServerCounters) {
    if (metric.name != known.name || !is_of_server(metric, 0)) continue;
    RegisteredServer& server = server_of(metric);
    add(server.metrics.*known.count, value);
    if (known.count == kShed) server.rest.add(RequestPart::kShed, metric.index, value);
    return true;
  }
  return false;
}

// The series without a status is of all requests but shed ones: most of them are in the others.
bool RegistryServers::add_requests(const RegisteredMetric& metric, Count value) {
  const auto status = metric.label("status");
  if (status.empty() && is_of_server(metric, 0)) {
    server_of(metric).rest.add(RequestPart::kAll, metric.index, value);
    return true;
  }
  const auto* const known =
      std::find_if(kStatuses.begin(), kStatuses.end(),
                   [&](const StatusText& candidate) { return candidate.text == status; });
  if (known == kStatuses.end() || !is_of_server(metric, 1)) return false;
  RegisteredServer& server = server_of(metric);
  if (value) add_status(server.metrics, known->status, *value);
  server.rest.add(RequestPart::kClass, metric.index, value);
  return true;
}

bool RegistryServers::add_gauge(const RegisteredMetric& metric, Count value) {
  for (const ServerNumber& known : kServerGauges) {
    if (metric.name != known.name || !is_of_server(metric, 0)) continue;
    add(server_of(metric).metrics.*known.count, value);
    return true;
  }
  return false;
}

bool RegistryServers::add_request_duration(const RegisteredMetric& metric,
                                           const std::optional<model::Histogram>& duration) {
  if (!is_of_server(metric, 0)) return false;
  std::optional<model::Histogram>& known = server_of(metric).metrics.request_duration_ns;
  if (!known) {
    known = duration;
  } else if (duration) {
    add_histogram(*known, *duration);
  }
  return true;
}

std::vector<RegisteredServer> RegistryServers::take() {
  std::vector<RegisteredServer> list;
  for (auto& [key, server] : servers_) {
    leave_out_what_is_too_large(server.metrics);
    list.push_back(std::move(server));
  }
  servers_.clear();
  return list;
}

}  // namespace state
