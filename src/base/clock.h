// The clocks. Functions that depend on time take it as a parameter; these feed the real one in.
#pragma once

#include <cstdint>

namespace base {

// CLOCK_MONOTONIC in nanoseconds; the clock of bpf_ktime_get_ns() and of the probes' durations.
std::uint64_t monotonic_ns();

// Nanoseconds since 1970, UTC.
std::uint64_t unix_ns();

}  // namespace base
