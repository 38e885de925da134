// Watching the watching: once a second, whether probes told of everything, and what they cost.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <thread>
#include <vector>

#include "base/result.h"
#include "watch/asking.h"
#include "watch/budget.h"
#include "watch/config.h"
#include "watch/target_list.h"
#include "watch/watched.h"

namespace watch {

// Owns the thread that compares what each runtime counted with what its probes told (audit.h), and
// that holds what they cost it against --overhead.max (budget.h). It needs no privileges.
class Auditor {
 public:
  // `list` outlives it. Fails where there is no thread to be had.
  static base::Result<std::unique_ptr<Auditor>> start(const Config& config,
                                                      std::shared_ptr<Surroundings> surroundings,
                                                      const TargetList& list);
  Auditor(const Auditor&) = delete;
  Auditor& operator=(const Auditor&) = delete;
  ~Auditor() = default;

 private:
  Auditor(Config config, std::shared_ptr<Surroundings> surroundings, const TargetList& list);

  // All of these: its thread.
  void run(const std::stop_token& stop);
  void look();
  void compare(std::vector<Asked>& asked, const Targets& targets);
  void hold_budget(const Asked& asked);
  std::optional<Budget::Observation> observe(const Asked& asked) const;
  void forget_gone(const Targets& targets);

  const Config config_;
  const std::shared_ptr<Surroundings> surroundings_;
  const TargetList& list_;
  std::map<std::shared_ptr<Watched>, Budget> budgets_;  // of targets on the list
  std::jthread thread_;
};

}  // namespace watch
