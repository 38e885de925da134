// A profile that somebody wants.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <stop_token>

#include "base/result.h"
#include "model/profile.h"
#include "watch/config.h"
#include "watch/watched.h"

namespace watch {

// Shared by who asks, who starts and who works.
struct ProfileJob {
  std::shared_ptr<const Watched> target;
  std::chrono::seconds duration{};
  std::uint32_t hz = 0;
  bool repeats = false;  // one profile after the other, until the target ends
  // Called with each, and once with a failure, after which none comes. Any thread.
  std::function<void(base::Result<model::Profile>)> give;
  std::stop_source left;  // of who asked: what there is is given at once
};

// Takes the profile, in a thread that may hang where the target's files do. A stop ends it as
// `left` does.
void take_profile(ProfileJob& job, const std::shared_ptr<Surroundings>& surroundings,
                  const Config& config, const std::stop_token& stop);

}  // namespace watch
