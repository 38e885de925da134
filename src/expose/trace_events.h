// The events of a trace file, in the format of Chrome's trace events.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace expose {

// A time on a lane, in whole microseconds since the window's begin: fractions are cut off by some
// viewers, so that a child would end behind its parent.
struct TraceSpan {
  std::uint64_t begin_us = 0;
  std::uint64_t end_us = 0;
  bool is_clipped = false;  // there was more of it

  std::uint64_t length_us() const { return end_us - begin_us; }
};

// The part of `span` that lies in `parent`.
TraceSpan within(const TraceSpan& parent, TraceSpan span);

// A point on a lane, where an arrow begins or ends.
struct TracePoint {
  std::uint32_t lane = 0;
  std::uint64_t at_us = 0;
};

// Collects events of one process and its lanes, and writes them in the order that viewers want.
// Names may be any bytes.
class TraceEvents {
 public:
  using Json = nlohmann::ordered_json;

  TraceEvents(int pid, std::uint64_t from_ns, std::uint64_t to_ns);

  std::uint64_t last_us() const { return us_of(to_ns_); }
  bool is_inside(std::uint64_t begun_ns, std::uint64_t ended_ns) const;
  // Moments outside of the window are at its edge.
  std::uint64_t us_of(std::uint64_t time_ns) const;
  TraceSpan span_of(std::uint64_t begun_ns, std::uint64_t ended_ns) const;
  // The part of `span` that is behind all that the lane was given before: what overlaps partly on a
  // lane is dropped by viewers. Call it in the order of ends.
  TraceSpan take(std::uint32_t lane, TraceSpan span);

  void name_process(std::string_view name);
  void name_lane(std::uint32_t lane, std::string_view name, std::size_t sort_index);

  void add_slice(std::uint32_t lane, std::string_view name, const TraceSpan& span,
                 Json arguments = Json::object());
  void add_instant(std::uint32_t lane, std::string_view name, std::uint64_t at_us, Json arguments);
  // Each end must lie in a slice of at least a microsecond. `id`: one for each arrow.
  void add_flow(std::string_view name, std::uint64_t id, TracePoint from, TracePoint to);
  // Values by their keys; each key is a track of its own.
  void add_counter(std::string_view name, std::uint64_t at_us, const Json& values);

  // Without names.
  std::size_t size() const { return events_.size(); }

  // The elements of `traceEvents`, with commas between them.
  std::string write() const;

 private:
  // Slices before what is bound to them.
  enum class Rank { kSlice, kOther };
  struct Event {
    std::uint64_t at_us = 0;
    std::uint64_t length_us = 0;
    Rank rank = Rank::kOther;
    std::string text;  // at once: a tree of JSON takes five times as much
  };

  Json begin(std::string_view phase, std::string_view name) const;
  void add_name(Json event, Json arguments);
  void add(std::uint64_t at_us, std::uint64_t length_us, Rank rank, const Json& event);

  const int pid_;
  const std::uint64_t from_ns_;
  const std::uint64_t to_ns_;
  std::map<std::uint32_t, std::uint64_t> taken_until_us_;  // of lanes
  std::vector<std::string> names_;
  std::vector<Event> events_;
};

}  // namespace expose
