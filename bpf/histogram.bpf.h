// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
//
// Bucket search: pure, compiled for the kernel and, for tests, for the host.
#ifndef VALKYRIA_BPF_HISTOGRAM_H
#define VALKYRIA_BPF_HISTOGRAM_H

#include <valkyria/abi/histogram.h>

// The index of the first bound that is not below value_ns; VALK_BOUNDS if all are.
// A global function on purpose: the verifier walks its branches once, not once a caller's path.
__attribute__((noinline)) __u32 valk_bucket_of(__u64 value_ns) {
  __u32 index = 0;

  for (__u32 step = 16; step > 0; step >>= 1)
    if (index + step <= VALK_BOUNDS && value_ns > valk_bounds_ns[index + step - 1]) index += step;
  return index;
}

// Adds one observation to a histogram of VALK_BUCKETS buckets.
static inline void valk_observe(__u64* buckets, __u64* sum_ns, __u64 value_ns) {
  __u32 bucket = valk_bucket_of(value_ns);

  if (bucket >= VALK_BUCKETS) return;  // never; the verifier does not know
  __sync_fetch_and_add(&buckets[bucket], 1);
  __sync_fetch_and_add(sum_ns, value_ns);
}

// Runtimes that measure in microseconds pass 0 for less than one: it becomes the shortest duration
// that is not "unknown". What is longer than a year is a clock that went back, and unknown.
static inline __u64 valk_ns_of_us(__u64 duration_us) {
  if (duration_us > 365ULL * 24 * 3600 * 1000000) return 0;
  return duration_us ? duration_us * 1000 : 1;
}

#endif
