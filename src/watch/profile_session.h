// Profiling one target, step by step.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "memory/process_memory.h"
#include "model/profile.h"
#include "probe/sampler.h"
#include "profile/aggregate.h"
#include "profile/unwind_process.h"
#include "state/lisp_functions.h"
#include "watch/config.h"
#include "watch/thread_names.h"
#include "watch/thread_time.h"
#include "watch/watched.h"

namespace watch {

// Owns the clocks that sample the target and the confined process that unwinds its stacks; from
// begin() on until it dies, samples are taken. One thread, which starts it, needs what attaching
// needs, and may hang where the target's files do.
class ProfileSession {
 public:
  static base::Result<std::unique_ptr<ProfileSession>> begin(
      std::shared_ptr<Surroundings> surroundings, std::shared_ptr<const Watched> target,
      const Config& config, std::uint32_t hz);

  // How often tick() is to be called: each look costs, and what waits takes room.
  std::chrono::milliseconds tick_time() const;

  // Makes stacks of what was sampled since the last call. Fails where they
  // can't be unwound any more.
  base::Result<void> tick();

  // The profile since the begin, or since the last call.
  model::Profile cut();

 private:
  struct Parts;

  ProfileSession(std::shared_ptr<Surroundings> surroundings, std::shared_ptr<const Watched> target,
                 const Config& config, std::uint32_t hz, Parts parts);

  base::Result<void> take_samples();
  std::optional<std::string> lisp_name(const model::LispFrame& frame);
  void look_at_threads();
  model::Count cpu_ns() const;
  void begin_part();

  const std::shared_ptr<Surroundings> surroundings_;
  const std::shared_ptr<const Watched> target_;
  const std::string version_;
  const std::uint32_t hz_;
  profile::UnwindProcess unwinder_;
  probe::Sampler sampler_;
  const std::unique_ptr<state::LispFunctions> lisp_;  // null: nothing is known of them
  memory::ProcessMemory memory_;
  ThreadNames thread_names_;
  ThreadTime thread_time_;
  profile::Aggregate aggregate_;
  unsigned ticks_ = 0;

  // Since when the next profile is taken, and what stood there.
  std::uint64_t begun_ns_ = 0;
  std::uint64_t begun_unix_ns_ = 0;
  std::uint64_t begun_lost_ = 0;
  model::Count begun_cpu_ns_;
};

}  // namespace watch
