// HTTP servers as a runtime's registry of metrics tells of them: by the labels of their series.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "model/snapshot.h"
#include "state/metric_registry.h"

namespace state {

// Collects the series of every server. A server is what has the labels `server`, `port` and
// `protocol`; series that differ only in others are one, and are added. What is of no server, or of
// no family that is known here, is passed over. One thread at a time.
class RegistryServers {
 public:
  void add_counter(const RegisteredMetric& metric, model::Count value);
  void add_gauge(const RegisteredMetric& metric, model::Count value);
  // One whose numbers are not known is not there.
  void add_request_duration(const RegisteredMetric& metric,
                            const std::optional<model::Histogram>& duration);

  // All servers so far, in the order of their labels; none is left.
  std::vector<model::ServerMetrics> take();

 private:
  model::ServerMetrics* find(const RegisteredMetric& metric);

  std::map<std::tuple<std::string, std::string, std::string>, model::ServerMetrics> servers_;
};

}  // namespace state
