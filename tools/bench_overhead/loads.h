// The work that the target is given, each kind in a unit of its own.
#pragma once

#include <functional>
#include <span>
#include <string_view>

#include "support/minivalk.h"

namespace bench {

struct Load {
  std::string_view name;
  std::string_view unit;
  // What there is to say when being attached makes it dearer than this; 0: nothing.
  double max_ratio;
  // A little of it, after which caches and pages are what they are all day.
  void (*warm_up)(test::Minivalk& target);
  // Does a piece of it and returns how many units that were. Throws if the target does it wrongly.
  double (*run)(test::Minivalk& target);
};

std::span<const Load> loads();

// At saturation: the load whose price of a hit is held against the calibrated one.
inline constexpr std::string_view kHttpLoad = "http";

}  // namespace bench
