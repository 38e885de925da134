// The last events of all targets, in order.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "model/timeline_event.h"

namespace timeline {

// Keeps of each target the last 4,096 events and those of the last ten minutes, whichever is more,
// and no more than 65,536 of it; past that the oldest go, and are counted. Sequence numbers are
// given here, rising by one. Any thread may call any function; the lock is held for moments.
class EventWindow {
 public:
  // `epoch` names the life of these sequences.
  explicit EventWindow(std::string epoch) : epoch_(std::move(epoch)) {}

  // `sequence` is set here. Events come in the order of their ends.
  void add(model::TimelineEvent event);

  // Requests that a collection has hit, as far as is known by now.
  void note_requests(const std::string& process, std::uint64_t heap, std::uint64_t cycle,
                     std::uint64_t requests);

  // What is known of a pause by its place in the timeline.
  struct Pause {
    std::string event;  // "EPOCH-SEQ"
    std::uint64_t heap = 0;
    model::Count cycle;
    model::Count pause_ns;
    model::Count safepoint_ns;
    std::uint64_t ended_ns = 0;
  };
  // The last collections of a target, at most `limit`, the oldest first.
  std::vector<Pause> last_pauses(const std::string& process, std::size_t limit) const;

  // Events with a sequence of `since` or more, at most `limit`, the oldest first; of one target, or
  // of all.
  model::TimelinePart read(std::uint64_t since, std::size_t limit,
                           const std::optional<std::string>& process) const;

 private:
  struct Target {
    std::deque<model::TimelineEvent> events;
    std::uint64_t dropped = 0;  // past the limit
    std::uint64_t lost = 0;     // in holes
  };

  static void drop_oldest(Target& target, std::uint64_t now_ns);

  const std::string epoch_;
  mutable std::mutex mutex_;  // over everything below
  std::uint64_t next_ = 1;
  std::map<std::string, Target, std::less<>> targets_;
};

}  // namespace timeline
