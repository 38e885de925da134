// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
//
// Histogram bounds: exact, inclusive upper bounds in nanoseconds, rising.
#ifndef VALKYRIA_ABI_HISTOGRAM_H
#define VALKYRIA_ABI_HISTOGRAM_H

#include <linux/types.h>

#define VALK_BOUNDS 19
#define VALK_BUCKETS (VALK_BOUNDS + 1)  // the last one is for what is above every bound

// HTTP and client histograms use these bounds without the first two (10 and 25 us): their first
// bucket is the sum of ours up to 50 us.
#define VALK_HTTP_FIRST_BOUND 2

static const __u64 valk_bounds_ns[VALK_BOUNDS] = {
    10000ULL,      25000ULL,      50000ULL,      100000ULL,      250000ULL,
    500000ULL,     1000000ULL,    2500000ULL,    5000000ULL,     10000000ULL,
    25000000ULL,   50000000ULL,   100000000ULL,  250000000ULL,   500000000ULL,
    1000000000ULL, 2500000000ULL, 5000000000ULL, 10000000000ULL,
};

#endif
