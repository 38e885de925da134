// Which lanes a trace has, and what they are called.
#pragma once

#include <cstdint>
#include <map>
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

// Whether the kernel can have such a thread.
inline bool is_thread(std::uint32_t tid) {
  return tid > 0 && tid <= kLargestThread;
}

// The lanes that some events need, each kind in an order of its own.
struct TraceLanes {
  std::map<std::uint64_t, std::uint32_t> heaps;
  std::map<std::string, std::uint32_t> loops;
  std::map<std::uint32_t, std::string> threads;  // with the name that was known last
  bool has_captures = false;
  bool has_holes = false;
  bool has_others = false;
};

// The heaps that collections are of: their lanes, in order. Runtimes name them by any number.
std::vector<std::uint64_t> heaps_of(const std::vector<const model::TimelineEvent*>& events);

// What there is no lane for is named in `left_out`.
TraceLanes find_lanes(const std::vector<const model::TimelineEvent*>& events,
                      std::vector<std::string>& left_out);

void name_lanes(TraceEvents& trace, const model::TraceParts& parts, const TraceLanes& lanes);

}  // namespace expose
