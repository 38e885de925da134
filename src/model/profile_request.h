// What is asked of the profiler, and what it says to that.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>

#include "model/profile.h"

namespace model {

struct ProfileRequest {
  std::optional<std::string> process;  // none: the first one
  std::chrono::seconds duration{10};
  std::uint32_t hz = 99;
  // Whether somebody waits for it: such a one is not refused for those that nobody waits for.
  bool is_awaited = true;
};

// Somebody else is at it.
struct ProfilerBusy {
  std::string reason;
  std::uint64_t seconds_left = 0;  // at most
};

using ProfileAnswer = std::variant<Profile, ProfilerBusy>;

inline constexpr std::chrono::seconds kMaxProfileDuration{300};

}  // namespace model
