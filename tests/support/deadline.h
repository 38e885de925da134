// SPDX-License-Identifier: BSD-2-Clause
#ifndef VALKYRIA_TESTS_SUPPORT_DEADLINE_H
#define VALKYRIA_TESTS_SUPPORT_DEADLINE_H

#include <algorithm>
#include <chrono>
#include <thread>

namespace test {

using Deadline = std::chrono::steady_clock::time_point;

inline Deadline in(std::chrono::milliseconds from_now) {
  return std::chrono::steady_clock::now() + from_now;
}

// Generous: it decides only how long a failing test takes.
inline Deadline soon() {
  return in(std::chrono::seconds(20));
}

// For poll(): rounded up, never negative.
inline int milliseconds_until(Deadline deadline) {
  auto left =
      std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
  return static_cast<int>(std::max<std::chrono::milliseconds::rep>(left.count(), 0));
}

// Asks the predicate again and again until it says true or the deadline is over; its last answer.
template <typename Predicate>
bool wait_until(Deadline deadline, Predicate predicate) {
  while (!predicate()) {
    if (std::chrono::steady_clock::now() >= deadline) return predicate();
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  return true;
}

}  // namespace test

#endif  // VALKYRIA_TESTS_SUPPORT_DEADLINE_H
