// Which event of the timeline is an example of what a histogram counts.
#pragma once

#include "model/snapshot.h"
#include "timeline/event_window.h"

namespace timeline {

// Adds to the histograms of pauses and of waits for the safe point the last collections, and to a
// server's latencies its last request that lay in a pause, with that pause. Any thread.
void add_exemplars(model::Snapshot& snapshot, const EventWindow& window);

}  // namespace timeline
