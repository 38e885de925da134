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

std::optional<double> mean_pause_ns(const model::TargetMetrics& target) {
  const model::GcMetrics& gc = target.gc;
  model::Count timed = gc.cycles;
  if (source_of(target, "valk_gc_pause_seconds_total") == model::Source::kProbe) {
    timed = gc.pause_ns ? model::Count(gc.pause_ns->count()) : std::nullopt;
  }
  if (!gc.pause_ns_total || timed.value_or(0) == 0) return std::nullopt;
  return static_cast<double>(*gc.pause_ns_total) / static_cast<double>(*timed);
}

std::optional<double> mean_latency_seconds(const model::ClientMetrics& client) {
  if (!client.latency || client.latency->count == 0) return std::nullopt;
  return static_cast<double>(client.latency->sum_ns) / 1e9 /
         static_cast<double>(client.latency->count);
}

}  // namespace expose
