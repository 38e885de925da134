// The targets, as everybody but the one that follows processes sees them.
#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <vector>

#include "model/snapshot.h"
#include "watch/watched.h"

namespace watch {

// At one moment. Never changes; who holds it keeps its targets, and their slots, as they are.
struct Targets {
  std::vector<std::shared_ptr<Watched>> watched;
  // What is known of the one watched process after its end.
  std::optional<model::TargetMetrics> ended;
};

// Swapped whole: reading it waits for nobody.
class TargetList {
 public:
  std::shared_ptr<const Targets> get() const { return targets_.load(); }
  void set(Targets targets) { targets_.store(std::make_shared<const Targets>(std::move(targets))); }

 private:
  std::atomic<std::shared_ptr<const Targets>> targets_{std::make_shared<const Targets>()};
};

// A target without any numbers: who it is.
model::TargetMetrics describe(const Identity& identity);

}  // namespace watch
