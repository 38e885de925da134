// HTTP servers as a runtime's registry of metrics tells of them: by the labels of their series.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "model/catalogue.h"
#include "state/runtimes/metric_registry.h"
#include "state/runtimes/request_rest.h"

namespace state {

struct RegisteredServer {
  model::ServerMetrics metrics;
  RequestRest rest;  // of its requests, which is not in `metrics`
};

// Collects the series of every server: those with the labels `server`, `port` and `protocol`, one
// more that the runtime may give them, and for requests `status`. Series that differ only in the
// one more are added up. One thread at a time.
class RegistryServers {
 public:
  static constexpr std::string_view kRequestDuration = "http_request_duration_seconds";

  // Empty: the series have no label besides.
  explicit RegistryServers(std::string_view label_besides) : label_besides_(label_besides) {}

  // The members that the registry's counters, gauges and histograms of servers give.
  static void append_counter_members(std::vector<model::Member>& members);
  static void append_gauge_members(std::vector<model::Member>& members);
  static void append_histogram_members(std::vector<model::Member>& members);

  // Each tells whether the series is one of a server, also where its value is not known: an
  // application may choose the same name with other labels.
  bool add_counter(const RegisteredMetric& metric, model::Count value);
  bool add_gauge(const RegisteredMetric& metric, model::Count value);
  // Of a metric with the name above.
  bool add_request_duration(const RegisteredMetric& metric,
                            const std::optional<model::Histogram>& duration);

  // All servers so far, in the order of their labels; none is left.
  std::vector<RegisteredServer> take();

 private:
  bool add_requests(const RegisteredMetric& metric, model::Count value);
  bool is_of_server(const RegisteredMetric& metric, std::size_t more_labels) const;
  RegisteredServer& server_of(const RegisteredMetric& metric);

  std::string_view label_besides_;
  std::map<std::tuple<std::string, std::string, std::string>, RegisteredServer> servers_;
};

}  // namespace state
