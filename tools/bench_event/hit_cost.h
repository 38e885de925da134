// What a hit of each probe costs, next to an empty program on the same sites.
#pragma once

#include <string>
#include <vector>

#include "empty_program.h"
#include "spread.h"

namespace bench {

struct HitCost {
  std::string probe;
  Spread empty_ns;
  Spread ours_ns;
  Spread ratio;  // of the two in one round
};

// Measured in `rounds` rounds in a probe_puppet of its own, all default groups attached together:
// so every event finds what the events before it have left, and our programs take the path that
// they take all day. Throws if they counted a loss, since then they did not.
std::vector<HitCost> measure_hits(const EmptyProgram& empty, int rounds);

}  // namespace bench
