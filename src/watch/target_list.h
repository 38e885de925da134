// The targets, as everybody but the one that follows processes sees them.
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "model/snapshot.h"
#include "watch/watched.h"

namespace watch {

// A target that has ended, without any numbers.
struct Ended {
  model::TargetMetrics target;
  std::chrono::steady_clock::time_point shown_until;
  std::uint32_t uid = 0;  // whose it was
};

// At one moment. Never changes; who holds it keeps its targets, and their slots, as they are.
struct Targets {
  std::vector<std::shared_ptr<Watched>> watched;
  // Those who have ended lately, the last of each name: an alert on `valkyria_up` must be able to
  // fire. They are shown unless somebody of that name is.
  std::vector<Ended> ended;
  std::size_t refused = 0;  // would be watched, but can't be
  std::size_t no_room = 0;  // would be watched, but all places are taken
};

// Swapped whole: reading it waits for nobody.
class TargetList {
 public:
  std::shared_ptr<const Targets> get() const { return targets_.load(); }
  void set(Targets targets) { targets_.store(std::make_shared<const Targets>(std::move(targets))); }

 private:
  std::atomic<std::shared_ptr<const Targets>> targets_{std::make_shared<const Targets>()};
};

// How many are in which state.
std::vector<model::TargetCount> count_targets(const Targets& targets);

// A target without any numbers: who it is.
model::TargetMetrics describe(const Identity& identity);

// The same of one that has ended.
model::TargetMetrics describe_ended(const Identity& identity);

}  // namespace watch
