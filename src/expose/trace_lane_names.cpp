#include "expose/trace_lane_names.h"

#include <fmt/core.h>

#include <algorithm>
#include <iterator>
#include <set>
#include <string_view>
#include <variant>

namespace expose {
namespace {

constexpr std::size_t kMaxHeapLanes = kLoopLanes - kHeapLanes;
constexpr std::size_t kMaxLoopLanes = kCaptureLane - kLoopLanes;
constexpr std::size_t kThreadSort = 10;
constexpr std::size_t kLoopSort = 20;
constexpr std::size_t kEventSort = 80;

void note_threads(TraceLanes& lanes, const model::GcEvent& gc) {
  if (gc.requested_thread && is_thread(*gc.requested_thread)) {
    lanes.threads.try_emplace(*gc.requested_thread);
  }
  for (const model::Arrival& arrival : gc.arrivals) {
    if (!is_thread(arrival.thread)) continue;
    std::string& name = lanes.threads[arrival.thread];
    if (!arrival.name.empty()) name = arrival.name;
  }
}

// Where there are more than numbers for lanes, the last ones have none.
template <typename Key>
void drop_past(std::map<Key, std::uint32_t>& lanes, std::size_t most, std::string_view what,
               std::vector<std::string>& left_out) {
  if (lanes.size() <= most) return;
  left_out.push_back(fmt::format("{} {}", lanes.size() - most, what));
  lanes.erase(std::next(lanes.begin(), static_cast<std::ptrdiff_t>(most)), lanes.end());
}

}  // namespace

std::vector<std::uint64_t> heaps_of(const std::vector<const model::TimelineEvent*>& events) {
  std::set<std::uint64_t> heaps;
  for (const model::TimelineEvent* const event : events) {
    if (const auto* gc = std::get_if<model::GcEvent>(&event->detail)) heaps.insert(gc->heap);
  }
  return {heaps.begin(), heaps.end()};
}

TraceLanes find_lanes(const std::vector<const model::TimelineEvent*>& events,
                      std::vector<std::string>& left_out) {
  TraceLanes lanes;
  for (const model::TimelineEvent* const event : events) {
    if (const auto* gc = std::get_if<model::GcEvent>(&event->detail)) {
      note_threads(lanes, *gc);
    } else if (const auto* stall = std::get_if<model::StallEvent>(&event->detail)) {
      lanes.loops.try_emplace(stall->system, 0);
    } else if (std::holds_alternative<model::CaptureEvent>(event->detail)) {
      lanes.has_captures = true;
    } else if (std::holds_alternative<model::LostEvent>(event->detail)) {
      lanes.has_holes = true;
    } else {
      lanes.has_others = true;
    }
  }
  std::uint32_t lane = kHeapLanes;
  for (const std::uint64_t heap : heaps_of(events)) lanes.heaps[heap] = lane++;
  lane = kLoopLanes;
  for (auto& [system, number_of_lane] : lanes.loops) number_of_lane = lane++;
  drop_past(lanes.heaps, kMaxHeapLanes, "heaps", left_out);
  drop_past(lanes.loops, kMaxLoopLanes, "event loops", left_out);
  return lanes;
}

void name_lanes(TraceEvents& trace, const model::TraceParts& parts, const TraceLanes& lanes) {
  std::size_t index = 0;
  for (const auto& [heap, lane] : lanes.heaps) {
    ++index;
    trace.name_lane(lane, lanes.heaps.size() > 1 ? fmt::format("GC heap {}", index) : "GC", 0);
  }
  std::size_t sort = kThreadSort;
  for (const auto& [tid, name] : lanes.threads) {
    const bool is_main = parts.pid > 0 && tid == static_cast<std::uint32_t>(parts.pid);
    const std::string number = is_main ? "main" : fmt::format("thread {}", tid);
    trace.name_lane(tid, name.empty() ? number : name, sort++);
  }
  sort = std::max(sort, kLoopSort);
  for (const auto& [system, lane] : lanes.loops) trace.name_lane(lane, "loop " + system, sort++);
  sort = std::max(sort, kEventSort);
  if (lanes.has_others) trace.name_lane(kEventLane, "events", sort);
  if (lanes.has_captures) trace.name_lane(kCaptureLane, "captures", sort + 10);
  if (lanes.has_holes) trace.name_lane(kLostLane, "lost events", sort + 19);
}

}  // namespace expose
