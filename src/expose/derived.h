// Numbers that follow from others. Each is unknown where one of those is.
#pragma once

#include <optional>
#include <string_view>

#include "model/snapshot.h"

namespace expose {

// Where the numbers of a family come from.
model::Source source_of(const model::TargetMetrics& target, std::string_view family);

// Heap in use, of its capacity: 0 to 1. Unknown of no capacity.
std::optional<double> heap_utilization(const model::GcMetrics& gc);

// The mean of no pause is unknown, and a collection whose pause no probe saw has no part in it.
std::optional<double> mean_pause_ns(const model::TargetMetrics& target);

// The mean of no operation is unknown.
std::optional<double> mean_latency_seconds(const model::ClientMetrics& client);

}  // namespace expose
