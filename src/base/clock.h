// The clocks. Functions that depend on time take it as a parameter; these feed the real one in.
#pragma once

#include <cstdint>

namespace base {

// CLOCK_MONOTONIC in nanoseconds; the clock of bpf_ktime_get_ns() and of the probes' durations.
std::uint64_t monotonic_ns();

// CLOCK_BOOTTIME: as monotonic_ns(), and it goes on while the machine sleeps; the clock by which
// the kernel tells when processes started.
std::uint64_t boot_ns();

// Nanoseconds since 1970, UTC. Whoever sets the clock moves this: what is to stay, such as when
// something began, is asked once and kept.
std::uint64_t unix_ns();

// A moment of CLOCK_MONOTONIC in nanoseconds since 1970, by how far the two clocks were apart when
// this process first asked: a moment stays where it is, whoever sets the clock.
std::uint64_t unix_ns_of(std::uint64_t monotonic);

}  // namespace base
