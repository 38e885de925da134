// One target's numbers from its two sources.
#pragma once

#include "model/snapshot.h"
#include "probe/readings.h"
#include "state/readings.h"

namespace watch {

// Fills the numbers of `metrics`, whose `sources` say which of the two each family comes from that
// both may know; of the rest the catalogue says it. `state` without content (it could not be read
// this time) leaves its families absent.
void merge(model::TargetMetrics& metrics, probe::Readings probes, state::Readings state);

}  // namespace watch
