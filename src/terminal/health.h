// How a process is, in words, by one table of thresholds.
#pragma once

#include <deque>
#include <string>

#include "terminal/pauses.h"
#include "terminal/view.h"

namespace terminal {

enum class State { kUnknown, kGood, kWarning, kCritical };  // the worst last

struct Verdict {
  State state = State::kUnknown;
  std::string reason;  // of the worst finding
};

// A value from `warning` on, and from `critical` on.
struct Threshold {
  double warning;
  double critical;
};

inline constexpr Threshold kErrorShare{0.01, 0.05};  // 5xx of all requests
inline constexpr Threshold kP99Seconds{0.1, 0.5};
inline constexpr Threshold kPauseMs{10, 50};
inline constexpr Threshold kPauseShare{0.1, 0.25};   // of the time
inline constexpr Threshold kLiveShare{0.7, 0.9};     // live heap of the whole
inline constexpr Threshold kPoolShare{0.85, 0.95};   // connections of their pool
inline constexpr Threshold kStallSeconds{0.1, 0.5};  // the longest
inline constexpr Threshold kBusyShare{0.9, 0.99};    // of a loop

State judge(double value, const Threshold& threshold);

// `pauses` are those of the interval; those that stopped nobody do not count.
Verdict verdict_of(const TargetView& view, const std::deque<Pause>& pauses);

std::string word_of(State state);

}  // namespace terminal
