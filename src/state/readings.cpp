#include "state/readings.h"

namespace state {

model::Count sum_over(const std::vector<model::SystemMetrics>& systems,
                      model::Count model::SystemMetrics::*count) {
  std::uint64_t sum = 0;
  for (const model::SystemMetrics& system : systems) {
    if (!(system.*count)) return std::nullopt;
    sum += *(system.*count);
  }
  return sum;
}

}  // namespace state
