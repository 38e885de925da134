// What a hit of each probe costs, next to an empty program on the same site.
#pragma once

#include <string>
#include <vector>

#include "bench_support/empty_program.h"
#include "bench_support/spread.h"

namespace bench {

struct HitCost {
  std::string probe;
  Spread empty_ns;
  Spread ours_ns;
  Spread ratio;  // of runs next to each other
};

// Measured in two probe_puppets of the same code, one with the empty program and one with ours, a
// short run of hits here and one there; they change roles in the middle of each round. All default
// groups are attached together: so every event finds what the events before it have left, and our
// programs take the path that they take all day. Throws if they counted a loss, since then they did
// not.
std::vector<HitCost> measure_hits(const EmptyProgram& empty, int rounds);

}  // namespace bench
