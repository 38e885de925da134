// The timeline as slices on the lanes of a trace.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "expose/trace_events.h"
#include "model/trace_parts.h"

namespace expose {

// Lanes that are no thread are above the kernel's largest pid.
inline constexpr std::uint32_t kLargestThread = 4'194'304;
inline constexpr std::uint32_t kHeapLanes = 4'194'305;
inline constexpr std::uint32_t kLoopLanes = 4'194'400;
inline constexpr std::uint32_t kCaptureLane = 4'194'500;
inline constexpr std::uint32_t kLostLane = 4'194'501;
inline constexpr std::uint32_t kEventLane = 4'194'502;

// No more trace events than that for one of the timeline.
std::size_t trace_events_of(const model::TimelineEvent& event);

// The heaps that collections are of: their lanes, in order. Runtimes name them by any number.
std::vector<std::uint64_t> heaps_of(const std::vector<const model::TimelineEvent*>& events);

// Adds events of the timeline, in the order of their ends, and the names of their lanes. What there
// is no lane for is named in `left_out`.
void add_lanes(TraceEvents& trace, const model::TraceParts& parts,
               const std::vector<const model::TimelineEvent*>& events,
               std::vector<std::string>& left_out);

}  // namespace expose
