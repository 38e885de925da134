// Group eval: map entries to metrics.
#pragma once

#include <valkyria/abi/eval.h>

#include <cstdint>
#include <utility>
#include <vector>

#include "model/snapshot.h"
#include "probe/attachment.h"
#include "probe/endpoint_readings.h"

namespace probe {

using EvalEntries = std::vector<std::pair<std::uint32_t, valk_evals>>;

// One entry for each kind of evaluation. That of requests comes from the http group's servers, the
// others from the eval group; what is not attached is absent.
std::vector<model::EvalMetrics> eval_metrics(const EvalEntries& evals, const ServerEntries& servers,
                                             std::uint32_t slot, const Attached& attached);

}  // namespace probe
