// AIO systems that the JSON shows as one.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "model/snapshot.h"

namespace expose {

using SystemGroup = std::vector<const model::SystemMetrics*>;
using SystemCount = model::Count model::SystemMetrics::*;

// All of the target's.
SystemGroup systems_of(const model::TargetMetrics& target);

// Those of each name together, by names that are valid UTF-8, in the order of the first of each.
std::vector<std::pair<std::string, SystemGroup>> systems_by_name(
    const model::TargetMetrics& target);

// Unknown where it is of any of them, or where there is no system.
model::Count sum_of(const SystemGroup& group, SystemCount count);

// Unknown where it is of all of them.
model::Count largest_of(const SystemGroup& group, SystemCount count);

}  // namespace expose
