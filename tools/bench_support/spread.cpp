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

Spread interval_of(std::vector<double> numbers) {
  assert(!numbers.empty());
  std::sort(numbers.begin(), numbers.end());
  const auto count = static_cast<double>(numbers.size());
  const double reach = 0.98 * std::sqrt(count);
  const auto at = [&](double place) {
    return numbers[static_cast<std::size_t>(std::clamp(place, 0.0, count - 1))];
  };
  return {quantile(numbers, 0.5), at(std::floor(count / 2 - reach)),
          at(std::ceil(count / 2 + reach))};
}

}  // namespace bench
