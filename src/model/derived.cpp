#include "model/derived.h"

#include <algorithm>

namespace model {

std::optional<double> heap_utilization(const GcMetrics& gc) {
  if (!gc.heap_used_bytes || gc.heap_total_bytes.value_or(0) == 0) return std::nullopt;
  const auto used = static_cast<double>(*gc.heap_used_bytes);
  return std::min(used / static_cast<double>(*gc.heap_total_bytes), 1.0);
}

Count counted_hits(const ProbeStatus& probe) {
  return probe.attached || probe.hits > 0 ? Count(probe.hits) : std::nullopt;
}

}  // namespace model
