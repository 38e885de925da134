#include "bench_support/spread.h"

#include <algorithm>
#include <cassert>
#include <cmath>

namespace bench {
namespace {

// Between the two nearest numbers, where the quantile falls between them.
double quantile(const std::vector<double>& sorted, double fraction) {
  const double place = fraction * static_cast<double>(sorted.size() - 1);
  const auto below = static_cast<std::size_t>(place);
  const std::size_t above = std::min(below + 1, sorted.size() - 1);
  return std::lerp(sorted[below], sorted[above], place - static_cast<double>(below));
}

}  // namespace

Spread spread_of(std::vector<double> numbers) {
  assert(!numbers.empty());
  std::sort(numbers.begin(), numbers.end());
  return {quantile(numbers, 0.5), quantile(numbers, 0.25), quantile(numbers, 0.75)};
}

double median_of(std::vector<double> numbers) {
  return spread_of(std::move(numbers)).median;
}

}  // namespace bench
