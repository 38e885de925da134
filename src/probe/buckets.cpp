#include "probe/buckets.h"

#include <algorithm>
#include <array>
#include <numeric>

namespace probe {
namespace {

// __u64 is unsigned long long, std::uint64_t unsigned long: the table is made once in our type.
std::array<std::uint64_t, VALK_BOUNDS> make_bounds() noexcept {
  std::array<std::uint64_t, VALK_BOUNDS> bounds{};
  std::copy(std::begin(valk_bounds_ns), std::end(valk_bounds_ns), bounds.begin());
  return bounds;
}

// Not constexpr: for clang, a const array of C is no constant.
const std::array<std::uint64_t, VALK_BOUNDS> kBoundsNs = make_bounds();

}  // namespace

void add_buckets(std::span<__u64, VALK_BUCKETS> sum, Buckets other) {
  std::transform(sum.begin(), sum.end(), other.begin(), sum.begin(), std::plus<>());
}

model::Histogram to_histogram(Buckets buckets, std::uint64_t sum_ns) {
  return {kBoundsNs, {buckets.begin(), buckets.end()}, sum_ns};
}

model::Histogram to_http_histogram(Buckets buckets, std::uint64_t sum_ns) {
  const auto first_kept = buckets.begin() + VALK_HTTP_FIRST_BOUND;
  model::Histogram histogram{
      std::span(kBoundsNs).subspan(VALK_HTTP_FIRST_BOUND), {first_kept, buckets.end()}, sum_ns};
  histogram.counts.front() += std::accumulate(buckets.begin(), first_kept, std::uint64_t{0});
  return histogram;
}

}  // namespace probe
