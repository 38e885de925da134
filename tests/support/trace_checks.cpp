#include "support/trace_checks.h"

#include <cstdint>
#include <map>
#include <set>
#include <utility>
#include <vector>

namespace test {
namespace {

using Json = nlohmann::json;

struct Slice {
  std::uint64_t begin = 0;
  std::uint64_t end = 0;
};
using Lane = std::pair<std::int64_t, std::int64_t>;  // pid and tid

class Checks {
 public:
  std::string run(const Json& trace) {
    if (trace["displayTimeUnit"] != "ms" || !trace["otherData"].is_object()) return "a head";
    for (const Json& event : trace["traceEvents"]) {
      if (event["ph"] == "M") {
        note_name(event);
      } else if (std::string fault = check(event); !fault.empty()) {
        return fault + ": " + event.dump();
      }
    }
    if (std::string fault = check_names(); !fault.empty()) return fault;
    return check_flows();
  }

 private:
  void note_name(const Json& event) {
    if (event.contains("ts")) has_timed_name_ = true;
    if (event["name"] == "process_name") process_names_.insert(event["pid"].get<std::int64_t>());
    if (event["name"] == "thread_name") lane_names_.insert(lane_of(event));
    if (event["name"] == "thread_sort_index") lane_sorts_.insert(lane_of(event));
  }

  static Lane lane_of(const Json& event) { return {event["pid"], event["tid"]}; }

  std::string check(const Json& event) {
    if (!event["ts"].is_number_unsigned()) return "a time that is no whole number";
    if (!event["pid"].is_number_unsigned()) return "a pid that is no number";
    const std::uint64_t at = event["ts"];
    if (at < last_ts_) return "an order that is none";
    last_ts_ = at;
    pids_.insert(event["pid"].get<std::int64_t>());
    const std::string phase = event["ph"];
    if (phase == "C") return check_counter(event);
    if (!event["tid"].is_number_unsigned()) return "a tid that is no number";
    lanes_.insert(lane_of(event));
    if (phase == "X") return check_slice(event);
    if (phase == "i") return event["s"] == "t" ? "" : "a scope of an instant";
    if (phase == "s" || phase == "f") {
      flows_.push_back(event);
      return phase == "s" || event["bp"] == "e" ? "" : "an arrow to the next slice";
    }
    return "a phase";
  }

  static std::string check_counter(const Json& event) {
    if (event.contains("tid")) return "a counter of a lane";
    if (event["args"].empty()) return "a counter without a value";
    for (const auto& [key, value] : event["args"].items()) {
      if (!value.is_number() || value < 0) return "a value of a counter";
    }
    return "";
  }

  // A slice of no length may lie at the end of another.
  static bool is_over(const Slice& open, const Slice& next) {
    return open.end < next.begin || (open.end == next.begin && next.end > next.begin);
  }

  std::string check_slice(const Json& event) {
    if (!event["dur"].is_number_unsigned()) return "a duration that is no whole number";
    const std::uint64_t begin = event["ts"];
    const Slice slice{begin, begin + event["dur"].get<std::uint64_t>()};
    std::vector<Slice>& open = open_[lane_of(event)];
    while (!open.empty() && is_over(open.back(), slice)) open.pop_back();
    if (!open.empty() && slice.end > open.back().end) return "slices that don't nest";
    if (slice.end > slice.begin) open.push_back(slice);
    slices_[lane_of(event)].push_back(slice);
    return "";
  }

  std::string check_names() const {
    if (has_timed_name_) return "a name with a time";
    for (const std::int64_t pid : pids_) {
      if (!process_names_.contains(pid)) return "a process without a name";
    }
    for (const Lane& lane : lanes_) {
      if (!lane_names_.contains(lane) || !lane_sorts_.contains(lane)) {
        return "a lane without a name or a place: " + std::to_string(lane.second);
      }
    }
    return "";
  }

  std::string check_flows() const {
    std::map<std::uint64_t, std::vector<const Json*>> arrows;
    for (const Json& end : flows_) arrows[end["id"]].push_back(&end);
    for (const auto& [id, ends] : arrows) {
      if (ends.size() != 2) return "an arrow without two ends: " + std::to_string(id);
      const Json& from = *ends[0];
      const Json& to = *ends[1];
      if (from["ph"] != "s" || to["ph"] != "f") return "an arrow back in time";
      if (from["name"] != to["name"] || from["cat"] != to["cat"]) return "an arrow of two names";
      for (const Json* end : ends) {
        if (!lies_in_slice(*end)) return "an arrow that ends in no slice: " + end->dump();
      }
    }
    return "";
  }

  bool lies_in_slice(const Json& end) const {
    const std::uint64_t at = end["ts"];
    const auto slices = slices_.find(lane_of(end));
    if (slices == slices_.end()) return false;
    for (const Slice& slice : slices->second) {
      if (slice.begin <= at && at < slice.end) return true;
    }
    return false;
  }

  std::uint64_t last_ts_ = 0;
  bool has_timed_name_ = false;
  std::set<std::int64_t> process_names_;
  std::set<std::int64_t> pids_;
  std::set<Lane> lane_names_;
  std::set<Lane> lane_sorts_;
  std::set<Lane> lanes_;
  std::map<Lane, std::vector<Slice>> open_;
  std::map<Lane, std::vector<Slice>> slices_;
  std::vector<Json> flows_;
};

}  // namespace

std::string fault_of_trace(const Json& trace) {
  return Checks().run(trace);
}

}  // namespace test
