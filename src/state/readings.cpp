#include "state/readings.h"

#include <algorithm>
#include <iterator>

namespace state {

std::vector<Difference> of_members(std::span<const Difference> differences,
                                   std::span<const model::Member> members) {
  std::vector<Difference> found;
  std::copy_if(differences.begin(), differences.end(), std::back_inserter(found),
               [&](const Difference& difference) {
                 return std::find(members.begin(), members.end(), difference.member) !=
                        members.end();
               });
  return found;
}

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
