// How many processes may be watched at a time: valkyria/abi/limits.h, for other rooms.
#pragma once

#include <valkyria/abi/limits.h>

#include <cstdint>

namespace probe {

inline constexpr std::uint32_t kUsualTargets = VALK_USUAL_TARGETS;
inline constexpr std::uint32_t kMostTargets = VALK_MOST_TARGETS;

}  // namespace probe
