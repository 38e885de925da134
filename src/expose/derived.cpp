#include "expose/derived.h"

#include <algorithm>

namespace expose {

model::Source source_of(const model::TargetMetrics& target, std::string_view family) {
  const auto known = std::find_if(target.sources.begin(), target.sources.end(),
                                  [&](const auto& entry) { return entry.family == family; });
  return known == target.sources.end() ? model::Source::kProbe : known->source;
}

std::optional<double> heap_utilization(const model::GcMetrics& gc) {
  if (!gc.heap_used_bytes || gc.heap_total_bytes.value_or(0) == 0) return std::nullopt;
  return static_cast<double>(*gc.heap_used_bytes) / static_cast<double>(*gc.heap_total_bytes);
}

std::optional<double> mean_latency_seconds(const model::ClientMetrics& client) {
  if (!client.latency || client.latency->count == 0) return std::nullopt;
  return static_cast<double>(client.latency->sum_ns) / 1e9 /
         static_cast<double>(client.latency->count);
}

}  // namespace expose
