// The parts of the JSON of /debug/metrics; one file each.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>

#include "model/snapshot.h"

namespace expose {

using Json = nlohmann::ordered_json;

// aio_metrics: all AIO systems of the target together, since the runtime has one.
Json aio_json(const model::TargetMetrics& target);
// aio_systems: each of them.
Json systems_json(const model::TargetMetrics& target);
// vm_metrics
Json vm_json(const model::TargetMetrics& target);
// modular_metrics: the runtime's registry, which has the families of servers and clients.
Json registry_json(const model::Snapshot& snapshot, const model::TargetMetrics& target);

// A number, null where it is unknown.
Json number(const model::Count& count);
Json microseconds(const model::Count& ns);
Json seconds(const model::Count& ns);

// The sum over all systems of the target; unknown where it is of any of them, or where there is no
// system.
model::Count sum_of_systems(const model::TargetMetrics& target,
                            model::Count model::SystemMetrics::*count);

}  // namespace expose
