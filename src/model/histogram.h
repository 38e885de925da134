// A histogram as it travels between rooms.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace model {

// One observation as an example, and which event of the timeline belongs to it ("EPOCH-SEQ").
struct Exemplar {
  std::uint64_t value_ns = 0;
  std::uint64_t unix_ns = 0;  // when it was observed
  std::string event;
};

// Observations by bucket. `bounds_ns` are exact, inclusive upper bounds in rising order; they point
// at a table that lives as long as the program. `counts` has one entry more than `bounds_ns`: the
// last is for what is above every bound. Counts are per bucket, not cumulative.
struct Histogram {
  std::span<const std::uint64_t> bounds_ns;
  std::vector<std::uint64_t> counts;
  std::uint64_t sum_ns = 0;
  std::vector<Exemplar> exemplars = {};  // in the order of their times

  // Number of observations: the sum of the buckets, so that it always equals "+Inf".
  std::uint64_t count() const;
};

// Adds `other` to `sum`. An empty `sum` (no bounds) becomes a copy of `other`; otherwise both must
// have the same bounds.
void add(Histogram& sum, const Histogram& other);

}  // namespace model
