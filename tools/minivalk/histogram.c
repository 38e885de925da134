// SPDX-License-Identifier: BSD-2-Clause
#include "histogram.h"

#include <stdatomic.h>

#define US UINT64_C(1000)
#define MS UINT64_C(1000000)
#define S UINT64_C(1000000000)

// HTTP's bounds are the same ones without the two smallest.
static const uint64_t BOUNDS_NS[HISTOGRAM_BOUNDS_MAX] = {
    10 * US, 25 * US, 50 * US,  100 * US, 250 * US, 500 * US, 1 * MS,    2500 * US, 5 * MS, 10 * MS,
    25 * MS, 50 * MS, 100 * MS, 250 * MS, 500 * MS, 1 * S,    2500 * MS, 5 * S,     10 * S};

const struct histogram_bounds HISTOGRAM_HTTP = {BOUNDS_NS + 2, HISTOGRAM_BOUNDS_MAX - 2};
const struct histogram_bounds HISTOGRAM_OTHER = {BOUNDS_NS, HISTOGRAM_BOUNDS_MAX};

void histogram_observe(struct histogram* histogram, const struct histogram_bounds* bounds,
                       uint64_t value_ns) {
  size_t bucket = 0;
  while (bucket < bounds->count && value_ns > bounds->bounds_ns[bucket]) ++bucket;
  atomic_fetch_add_explicit(&histogram->buckets[bucket], 1, memory_order_relaxed);
  atomic_fetch_add_explicit(&histogram->sum_ns, value_ns, memory_order_relaxed);
  atomic_fetch_add_explicit(&histogram->count, 1, memory_order_relaxed);
}
