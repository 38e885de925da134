// The timeline as slices on the lanes of a trace.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "expose/trace_events.h"
#include "model/trace_parts.h"

namespace expose {

// No more trace events than that for one of the timeline.
std::size_t trace_events_of(const model::TimelineEvent& event);

// Adds events of the timeline, in the order of their ends, and the names of their lanes. What there
// is no lane for is named in `left_out`.
void add_lanes(TraceEvents& trace, const model::TraceParts& parts,
               const std::vector<const model::TimelineEvent*>& events,
               std::vector<std::string>& left_out);

}  // namespace expose
