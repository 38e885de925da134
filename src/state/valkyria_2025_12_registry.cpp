#include "state/valkyria_2025_12_registry.h"

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <utility>

#include "state/valkyria_2025_12_fields.h"

namespace state::valkyria_2025_12 {
namespace {

using base::Result;
using model::Count;
using model::ServerMetrics;

constexpr std::size_t kServerLabels = 3;  // what every series of a server has, and no others

struct StatusText {
  std::string_view text;
  model::StatusClass status;
};
constexpr std::array kStatuses{
    StatusText{"2xx", model::StatusClass::k2xx}, StatusText{"3xx", model::StatusClass::k3xx},
    StatusText{"4xx", model::StatusClass::k4xx}, StatusText{"5xx", model::StatusClass::k5xx}};

struct ServerCounter {
  std::string_view name;
  Count ServerMetrics::*count;
};
constexpr std::array kServerCounters{
    ServerCounter{"http_bytes_sent_total", &ServerMetrics::bytes_sent},
    ServerCounter{"http_bytes_recv_total", &ServerMetrics::bytes_received},
    ServerCounter{"http_overload_responses_total", &ServerMetrics::overload_responses}};

// The registry's servers, by what their series are labelled with. Each take_ tells whether the
// series is one of a server: an application may choose the same name with other labels.
class Servers {
 public:
  explicit Servers(const FieldReader& fields) : fields_(fields) {}

  bool take_counter(const RegisteredMetric& metric) {
    if (metric.name == "http_requests_total") return take_requests(metric);
    for (const ServerCounter& known : kServerCounters) {
      if (metric.name == known.name) return take_number(metric, known.count, kCounterValue);
    }
    return false;
  }

  bool take_gauge(const RegisteredMetric& metric) {
    return metric.name == "http_connections_active" &&
           take_number(metric, &ServerMetrics::connections_active, kGaugeValue);
  }

  bool take_histogram(const RegisteredMetric& metric) {
    if (metric.name != "http_request_duration_seconds") return false;
    ServerMetrics* const server = find(metric, kServerLabels);
    if (server != nullptr) server->request_duration_ns = duration(metric.index);
    return server != nullptr;
  }

  std::vector<ServerMetrics> take() {
    std::vector<ServerMetrics> list;
    for (auto& [key, server] : servers_) list.push_back(std::move(server));
    return list;
  }

 private:
  Count number(const char* path, std::initializer_list<std::size_t> element) const {
    return fields_.number(fields_.find(path), element);
  }

  // Null: the series is of no server.
  ServerMetrics* find(const RegisteredMetric& metric, std::size_t labels) {
    const auto host = metric.label("server");
    const auto port = metric.label("port");
    const auto protocol = metric.label("protocol");
    if (metric.labels.size() != labels || host.empty() || port.empty() || protocol.empty()) {
      return nullptr;
    }
    ServerMetrics& server = servers_[{std::string(host), std::string(port), std::string(protocol)}];
    server.host = host;
    server.port = port;
    server.protocol = protocol;
    return &server;
  }

  bool take_number(const RegisteredMetric& metric, Count ServerMetrics::*count, const char* path) {
    ServerMetrics* const server = find(metric, kServerLabels);
    if (server != nullptr) server->*count = number(path, {metric.index});
    return server != nullptr;
  }

  // The series without a status is the sum of the others, and would count everything twice.
  bool take_requests(const RegisteredMetric& metric) {
    const auto status = metric.label("status");
    if (status.empty()) return find(metric, kServerLabels) != nullptr;
    const auto* const known =
        std::find_if(kStatuses.begin(), kStatuses.end(),
                     [&](const StatusText& candidate) { return candidate.text == status; });
    if (known == kStatuses.end()) return false;
    ServerMetrics* const server = find(metric, kServerLabels + 1);
    if (server == nullptr) return false;
    if (const Count value = number(kCounterValue, {metric.index})) {
      server->requests.push_back({known->status, *value});
    }
    return true;
  }

  std::optional<model::Histogram> duration(std::size_t index) const {
    const Count sum_ns = scaled(number(kHistogramSumUs, {index}), kMicroseconds);
    if (!sum_ns || number(kHistogramBoundCount, {index}) != kHttpBoundsNs.size()) {
      return std::nullopt;
    }
    model::Histogram histogram{kHttpBoundsNs, {}, *sum_ns};
    for (std::size_t bucket = 0; bucket <= kHttpBoundsNs.size(); ++bucket) {
      const Count count = number(kHistogramBuckets, {index, bucket});
      if (!count) return std::nullopt;
      histogram.counts.push_back(*count);
    }
    return histogram;
  }

  const FieldReader& fields_;
  std::map<std::tuple<std::string, std::string, std::string>, ServerMetrics> servers_;
};

}  // namespace

Registry::Registry(const FieldReader& fields)
    : counters_(kCounters, fields),
      gauges_(kGauges, fields),
      histograms_(kHistograms, fields),
      values_(kRegisteredValues, fields) {}

Result<void> Registry::read(memory::Memory& memory, const FieldReader& fields, Readings& readings) {
  Servers servers(fields);
  model::Registry passed;
  const auto read_array = [&](const MetricArray& array, auto take, auto value) -> Result<void> {
    auto metrics = array.read(memory, fields, texts_);
    if (!metrics) return tl::make_unexpected(metrics.error());
    passed.unreadable += array.entries(fields) - metrics->size();
    for (RegisteredMetric& metric : *metrics) {
      if ((servers.*take)(metric)) continue;
      auto known = (values_.*value)(fields, metric.index);
      pass_on(passed, std::move(metric), std::move(known));
    }
    return {};
  };
  for (const auto& done :
       {read_array(counters_, &Servers::take_counter, &RegisteredValues::counter),
        read_array(gauges_, &Servers::take_gauge, &RegisteredValues::gauge),
        read_array(histograms_, &Servers::take_histogram, &RegisteredValues::histogram)}) {
    if (!done) return done;
  }
  readings.servers = servers.take();
  if (counters_.is_known() || gauges_.is_known() || histograms_.is_known()) {
    readings.registry = std::move(passed);
  }
  return {};
}

void Registry::append_families(std::vector<std::string_view>& families) const {
  if (counters_.is_known()) {
    families.insert(families.end(), {"http_requests_total", "http_bytes_sent_total",
                                     "http_bytes_recv_total", "http_overload_responses_total"});
  }
  if (gauges_.is_known()) families.push_back("http_connections_active");
  if (histograms_.is_known()) families.push_back("http_request_duration_seconds");
}

}  // namespace state::valkyria_2025_12
