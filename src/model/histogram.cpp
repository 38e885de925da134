#include "model/histogram.h"

#include <algorithm>
#include <cassert>
#include <numeric>

namespace model {

std::uint64_t Histogram::count() const {
  return std::accumulate(counts.begin(), counts.end(), std::uint64_t{0});
}

void add(Histogram& sum, const Histogram& other) {
  if (sum.counts.empty()) {
    sum = other;
    return;
  }
  assert(std::ranges::equal(sum.bounds_ns, other.bounds_ns));
  for (std::size_t i = 0; i < sum.counts.size(); ++i) sum.counts[i] += other.counts[i];
  sum.sum_ns += other.sum_ns;
  sum.exemplars.insert(sum.exemplars.end(), other.exemplars.begin(), other.exemplars.end());
}

}  // namespace model
