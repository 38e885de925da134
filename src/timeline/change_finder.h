// Finds events in the difference between one second and the next.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>

#include "model/snapshot.h"
#include "timeline/event_window.h"

namespace timeline {

// What no single probe tells: targets that come and go, requests that were shed, connections that
// came or went in crowds. One thread; the window outlives it.
class ChangeFinder {
 public:
  // Connections of a system within a second that are worth an event.
  static constexpr std::uint64_t kCrowd = 100;

  explicit ChangeFinder(EventWindow& window) : window_(window) {}

  // Moments come in order. `now_ns`: CLOCK_MONOTONIC.
  void see(std::uint64_t now_ns, const model::Snapshot& snapshot);

 private:
  struct Connections {
    std::uint64_t opened = 0;
    std::uint64_t closed = 0;
  };
  // A target as it was last seen.
  struct Seen {
    model::ProcessId id;
    bool has_ended = false;
    std::uint64_t time_ns = 0;
    std::map<std::string, Connections> connections;                          // by system
    std::map<std::pair<std::string, std::string>, std::uint64_t> overloads;  // by host and port
  };

  void see_target(std::uint64_t now_ns, const model::TargetMetrics& target);
  void see_gone(std::uint64_t now_ns);
  void tell_target(std::uint64_t now_ns, const std::string& process, model::TargetEvent::What what,
                   int pid);
  void compare_connections(Seen& seen, std::uint64_t now_ns, const model::TargetMetrics& target);
  void compare_overloads(Seen& seen, std::uint64_t now_ns, const model::TargetMetrics& target);

  EventWindow& window_;
  std::map<std::string, Seen, std::less<>> seen_;
};

}  // namespace timeline
