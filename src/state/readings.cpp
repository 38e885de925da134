#include "state/readings.h"

namespace state {
namespace {

model::Count sum_over_systems(const Readings& readings, model::Count model::SystemMetrics::*count) {
  if (readings.systems.empty()) return std::nullopt;
  std::uint64_t sum = 0;
  for (const model::SystemMetrics& system : readings.systems) {
    if (!(system.*count)) return std::nullopt;
    sum += *(system.*count);
  }
  return sum;
}

}  // namespace

model::EventCounts event_counts(const Readings& readings) {
  return {readings.gc.cycles, sum_over_systems(readings, &model::SystemMetrics::requests),
          sum_over_systems(readings, &model::SystemMetrics::connections_accepted)};
}

}  // namespace state
