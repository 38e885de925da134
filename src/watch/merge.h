// One target's numbers from its two sources.
#pragma once

#include "model/snapshot.h"
#include "probe/readings.h"
#include "state/readings.h"

namespace watch {

// Fills the numbers of `metrics`, whose `sources` say for each family of the catalogue which of the
// two is taken; what is in no family of the catalogue comes from probes. `state` without content
// (it could not be read this time) leaves its families absent.
void merge(model::TargetMetrics& metrics, probe::Readings probes, state::Readings state);

}  // namespace watch
