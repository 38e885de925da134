// A histogram as it travels between rooms.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace model {

// Observations by bucket. `bounds_ns` are exact, inclusive upper bounds in rising order; they point
// at a table that lives as long as the program. `counts` has one entry more than `bounds_ns`: the
// last is for what is above every bound. Counts are per bucket, not cumulative.
struct Histogram {
  std::span<const std::uint64_t> bounds_ns;
  std::vector<std::uint64_t> counts;
  std::uint64_t sum_ns = 0;

  // Number of observations: the sum of the buckets, so that it always equals "+Inf".
  std::uint64_t count() const;
};

// Adds `other` to `sum`. An empty `sum` (no bounds) becomes a copy of `other`; otherwise both must
// have the same bounds.
void add(Histogram& sum, const Histogram& other);

}  // namespace model
