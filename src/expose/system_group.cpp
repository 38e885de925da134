#include "expose/system_group.h"

#include <algorithm>

#include "base/utf8.h"

namespace expose {

using model::Count;
using model::SystemMetrics;

SystemGroup systems_of(const model::TargetMetrics& target) {
  SystemGroup group;
  for (const SystemMetrics& system : target.systems) group.push_back(&system);
  return group;
}

std::vector<std::pair<std::string, SystemGroup>> systems_by_name(
    const model::TargetMetrics& target) {
  std::vector<std::pair<std::string, SystemGroup>> groups;
  for (const SystemMetrics& system : target.systems) {
    const std::string name = base::valid_utf8(system.name);
    auto group = std::find_if(groups.begin(), groups.end(),
                              [&](const auto& known) { return known.first == name; });
    if (group == groups.end()) group = groups.insert(group, {name, {}});
    group->second.push_back(&system);
  }
  return groups;
}

Count sum_of(const SystemGroup& group, SystemCount count) {
  Count total;
  for (const SystemMetrics* const system : group) {
    const Count& part = system->*count;
    if (!part) return std::nullopt;
    total = total.value_or(0) + *part;
  }
  return total;
}

Count largest_of(const SystemGroup& group, SystemCount count) {
  Count largest;
  for (const SystemMetrics* const system : group) largest = std::max(largest, system->*count);
  return largest;
}

}  // namespace expose
