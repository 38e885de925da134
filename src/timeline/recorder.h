// Makes events of what probes tell, one thing after the other.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <vector>

#include "model/probe_event.h"
#include "model/timeline_event.h"
#include "timeline/event_window.h"

namespace timeline {

// Puts what a target's probes tell into the window: a collection with the threads that arrived at
// the safe point for it, a stall, a hole where the ring was full. One thread; the window outlives
// it.
class Recorder {
 public:
  explicit Recorder(EventWindow& window) : window_(window) {}

  // In the order in which they were told.
  void add(const std::string& process, model::ProbeEvent event);

  // So many events of this target were told between these moments and nobody could keep them.
  void add_hole(const std::string& process, std::uint64_t count, std::uint64_t from_ns,
                std::uint64_t to_ns);

 private:
  // Threads that have arrived for a collection that has not ended.
  struct Open {
    std::string process;
    std::uint64_t heap = 0;
    std::uint64_t cycle = 0;
    std::vector<model::Arrival> arrivals;
  };

  void add_arrival(const std::string& process, const model::ProbeEvent& event);
  std::vector<model::Arrival> take_arrivals(const std::string& process,
                                            const model::ProbeEvent& event);

  EventWindow& window_;
  std::deque<Open> open_;  // the oldest first; bounded
};

}  // namespace timeline
