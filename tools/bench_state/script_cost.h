// What being watched costs a runtime that computes.
#pragma once

#include <cstddef>

namespace bench {

// The time of a CPU-bound script while it is watched and scraped ten times a second, in units of
// its time while nobody watches: median and 95 % interval over the pairs.
struct ScriptCost {
  double ratio = 0;
  double lower = 0;
  double upper = 0;
  std::size_t pairs = 0;
};

// At least 11 pairs, until the interval reaches less than 1 % to each side, or `max_pairs`.
ScriptCost measure_script(std::size_t max_pairs);

}  // namespace bench
