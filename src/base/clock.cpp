#include "base/clock.h"

#include <ctime>

namespace base {
namespace {

std::uint64_t read_clock_ns(clockid_t clock) {
  timespec now{};
  ::clock_gettime(clock, &now);
  return static_cast<std::uint64_t>(now.tv_sec) * 1'000'000'000 +
         static_cast<std::uint64_t>(now.tv_nsec);
}

}  // namespace

std::uint64_t monotonic_ns() {
  return read_clock_ns(CLOCK_MONOTONIC);
}

std::uint64_t boot_ns() {
  return read_clock_ns(CLOCK_BOOTTIME);
}

std::uint64_t unix_ns() {
  return read_clock_ns(CLOCK_REALTIME);
}

std::uint64_t unix_ns_of(std::uint64_t monotonic) {
  static const std::uint64_t offset_ns = unix_ns() - monotonic_ns();
  return offset_ns + monotonic;
}

}  // namespace base
