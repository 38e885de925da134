// The buckets of BPF maps as model::Histogram.
#pragma once

#include <valkyria/abi/histogram.h>

#include <cstdint>
#include <span>

#include "model/histogram.h"

namespace probe {

using Buckets = std::span<const __u64, VALK_BUCKETS>;

void add_buckets(std::span<__u64, VALK_BUCKETS> sum, Buckets other);

// With all bounds.
model::Histogram to_histogram(Buckets buckets, std::uint64_t sum_ns);

// With the bounds of HTTP: the ones below 50 us are folded into the first bucket.
model::Histogram to_http_histogram(Buckets buckets, std::uint64_t sum_ns);

}  // namespace probe
