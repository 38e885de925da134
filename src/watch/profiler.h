// Profiles of targets, for whoever asks.
#pragma once

#include <functional>
#include <list>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>

#include "base/result.h"
#include "model/profile_request.h"
#include "watch/config.h"
#include "watch/loose_thread.h"
#include "watch/profile_job.h"
#include "watch/target_list.h"
#include "watch/watched.h"

namespace watch {

// Owns the thread that starts one for each profile, so that one whose target's files hang, hangs
// alone. Nothing is loaded or sampled while nobody asks.
class Profiler {
 public:
  static constexpr std::size_t kMaxAtOnce = 4;
  // Targets that are profiled continuously; further ones are not.
  static constexpr std::size_t kMaxContinuous = 4;
  static constexpr std::uint32_t kContinuousHz = 19;
  static constexpr std::chrono::seconds kContinuousPart{60};

  // Gets each part of a target that is profiled continuously. Any thread; maybe one that outlives
  // the profiler, so it owns what it uses.
  using Keep = std::function<void(model::Profile)>;

  // `list` outlives it. The caller must be allowed to attach; the threads take that over.
  static base::Result<std::unique_ptr<Profiler>> start(const Config& config,
                                                       std::shared_ptr<Surroundings> surroundings,
                                                       const TargetList& list);
  Profiler(const Profiler&) = delete;
  Profiler& operator=(const Profiler&) = delete;
  ~Profiler();

  // Profiles a target for that long, or until `stop`, or until it ends: then what there is. Waits
  // meanwhile; any thread, without privileges. Who has just come and is not known well enough yet
  // is busy. Fails with Cause::kGone where there is no such target, and with Cause::kTimeout where
  // its files don't answer.
  base::Result<model::ProfileAnswer> take(const model::ProfileRequest& request,
                                          const std::stop_token& stop);

  // Profiles targets from now on, at kContinuousHz, in parts of kContinuousPart.
  void profile_continuously(Keep keep);

 private:
  struct State;

  Profiler(Config config, std::shared_ptr<Surroundings> surroundings, const TargetList& list);

  base::Result<std::shared_ptr<const Watched>> find(const std::optional<std::string>& name) const;
  // The thread's.
  void run(const std::stop_token& stop);
  void start_job(const std::shared_ptr<ProfileJob>& job);
  void start_continuous();

  const Config config_;
  const std::shared_ptr<Surroundings> surroundings_;
  const TargetList& list_;
  const std::shared_ptr<State> state_;
  std::list<LooseThread> workers_;  // the thread's
  std::jthread thread_;             // the last: it uses the others
};

}  // namespace watch
