// Which probes are worth what they cost.
#pragma once

#include <span>

#include "model/catalogue.h"
#include "probe/attachment.h"

namespace watch {

// The probes that bring some family which the runtime's memory, with these members, does not, or
// single events. A
// probe that only repeats what memory tells is not worth a trap.
probe::ProbeSet needed_probes(probe::Means means, std::span<const model::Member> state);

// Those that are needed whatever memory tells, so that they need not wait for it.
probe::ProbeSet always_needed_probes(probe::Means means);

}  // namespace watch
