#include "probe/function_readings.h"

#include <string>

#include "probe/buckets.h"
#include "probe/text.h"

namespace probe {
namespace {

bool is_other(const valk_function_key& key) {
  return key.name[VALK_NAME_BYTES - 1] == 1;
}

}  // namespace

std::vector<model::FunctionMetrics> function_metrics(const FunctionEntries& functions,
                                                     std::uint32_t slot) {
  std::vector<model::FunctionMetrics> metrics;
  for (const auto& [key, function] : functions) {
    if (key.slot != slot) continue;
    model::Histogram duration_ns = to_histogram(function.duration, function.duration_sum_ns);
    if (duration_ns.count() == 0) continue;
    metrics.push_back({is_other(key) ? "other" : text_of(key.name), std::move(duration_ns)});
  }
  return metrics;
}

}  // namespace probe
