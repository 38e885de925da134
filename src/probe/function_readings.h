// Group function: map entries to metrics.
#pragma once

#include <valkyria/abi/function.h>

#include <cstdint>
#include <utility>
#include <vector>

#include "model/snapshot.h"

namespace probe {

using FunctionEntries = std::vector<std::pair<valk_function_key, valk_function>>;

// One entry for each function of the slot that has returned, and "other" for those past the limit.
std::vector<model::FunctionMetrics> function_metrics(const FunctionEntries& functions,
                                                     std::uint32_t slot);

}  // namespace probe
