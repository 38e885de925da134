#include "terminal/rates.h"

#include <algorithm>
#include <cstddef>

namespace terminal {
namespace {

std::optional<Percentile> percentile_of(const Histogram& histogram, double share) {
  if (histogram.counts.empty() || histogram.counts.back() <= 0) return std::nullopt;
  const double rank = share * histogram.counts.back();
  const auto at = std::lower_bound(histogram.counts.begin(), histogram.counts.end(), rank);
  const auto i = static_cast<std::size_t>(at - histogram.counts.begin());
  const double lower = i == 0 ? 0 : histogram.bounds[i - 1];
  if (i + 1 >= histogram.counts.size()) return Percentile{lower, true};
  const double below = i == 0 ? 0 : histogram.counts[i - 1];
  const double part = (rank - below) / (histogram.counts[i] - below);
  return Percentile{lower + part * (histogram.bounds[i] - lower), false};
}

}  // namespace

Known rate(const Known& before, const Known& now, double seconds) {
  if (!before || !now || *now < *before || !(seconds > 0)) return std::nullopt;
  return (*now - *before) / seconds;
}

Histogram difference(const Histogram& before, const Histogram& now) {
  if (before.bounds != now.bounds || now.bounds.empty()) return {};
  Histogram result{now.bounds, {}};
  double largest = 0;
  for (std::size_t i = 0; i < now.counts.size(); ++i) {
    const double count = now.counts[i] - before.counts[i];
    if (!(count >= 0)) return {};
    // The buckets are read one after the other, while requests end.
    largest = std::max(largest, count);
    result.counts.push_back(largest);
  }
  return result;
}

Histogram sum(const Histogram& a, const Histogram& b) {
  if (a.bounds.empty()) return b;
  if (b.bounds.empty()) return a;
  if (a.bounds != b.bounds) return {};
  Histogram result = a;
  for (std::size_t i = 0; i < b.counts.size(); ++i) result.counts[i] += b.counts[i];
  return result;
}

std::optional<Percentile> longest_of(const Histogram& histogram) {
  return percentile_of(histogram, 1);
}

Percentiles percentiles_of(const Histogram& histogram) {
  return {percentile_of(histogram, 0.50), percentile_of(histogram, 0.95),
          percentile_of(histogram, 0.99)};
}

}  // namespace terminal
