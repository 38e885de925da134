// SPDX-License-Identifier: BSD-2-Clause
#ifndef MINIVALK_HISTOGRAM_H
#define MINIVALK_HISTOGRAM_H

#include <stddef.h>
#include <stdint.h>

#define HISTOGRAM_BOUNDS_MAX 19

typedef _Atomic uint64_t counter_u64;

// Buckets are not cumulative here; the one after the last bound holds what exceeds it.
struct histogram {
  counter_u64 buckets[HISTOGRAM_BOUNDS_MAX + 1];
  counter_u64 sum_ns;
  counter_u64 count;
};

// Inclusive upper bounds, ascending.
struct histogram_bounds {
  const uint64_t* bounds_ns;
  size_t count;
};

extern const struct histogram_bounds HISTOGRAM_HTTP;
extern const struct histogram_bounds HISTOGRAM_OTHER;

void histogram_observe(struct histogram* histogram, const struct histogram_bounds* bounds,
                       uint64_t value_ns);

#endif  // MINIVALK_HISTOGRAM_H
