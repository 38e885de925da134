// What happened between two samples. Nothing is known before there are two, nor of a counter that
// fell: then somebody began to count anew.
#pragma once

#include <optional>

#include "terminal/sample.h"

namespace terminal {

// Of a counter, per second.
Known rate(const Known& before, const Known& now, double seconds);

// Beyond the last finite bound nobody knows how much: then `seconds` is that bound.
struct Percentile {
  double seconds = 0;
  bool is_beyond = false;
};

struct Percentiles {
  std::optional<Percentile> p50, p95, p99;
};

// What came to `now` since `before`; empty where that is not known.
Histogram difference(const Histogram& before, const Histogram& now);

// The sum of both; empty where their bounds differ. An empty one adds nothing.
Histogram sum(const Histogram& a, const Histogram& b);

// Interpolated within a bucket; none of no observation.
Percentiles percentiles_of(const Histogram& histogram);
// The upper bound of the longest observation.
std::optional<Percentile> longest_of(const Histogram& histogram);

}  // namespace terminal
