// What charts show, as counters of a trace.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "expose/trace_events.h"
#include "model/trace_parts.h"

namespace expose {

inline constexpr std::size_t kMaxCounterTracks = 40;

// The heap: a value each second, and at begin and end of each collection.
void add_heap_counter(TraceEvents& trace, const model::TraceParts& parts,
                      const std::vector<const model::TimelineEvent*>& events);

// All others: a value each second. Servers past 40 tracks, the least busy ones, are named in
// `left_out`. A counter has a value at each edge of the window where it was known there, since one
// lasts until the next.
void add_counters(TraceEvents& trace, const model::TraceParts& parts,
                  std::vector<std::string>& left_out);

}  // namespace expose
