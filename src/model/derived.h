// Numbers that follow from others. Each is unknown where one of those is.
#pragma once

#include <optional>

#include "model/snapshot.h"

namespace model {

// Heap in use, of its capacity: 0 to 1. Unknown of no capacity. Not more than 1, though a runtime
// may hand out a little beyond its limit before it notices.
std::optional<double> heap_utilization(const GcMetrics& gc);

// A probe that was never attached and never fired has counted nothing, which is not 0.
Count counted_hits(const ProbeStatus& probe);

}  // namespace model
