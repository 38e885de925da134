// Lines that come again and again.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/log.h"

namespace watch {

// Which lines are written: of alike ones a few a minute, the rest is counted and told when the
// minute is over. Knows no clock: whoever asks says what time it is. One thread at a time.
class Repeats {
 public:
  using Time = std::chrono::steady_clock::time_point;

  static constexpr std::uint64_t kAMinute = 3;
  static constexpr std::chrono::seconds kMinute{60};
  // Past it, lines of further kinds are counted together, as one kind: so those about one user's
  // processes, however many he starts, don't silence what is said of others'. Root's have no limit
  // but that of all.
  static constexpr std::size_t kMaxKindsOfUser = 100;
  static constexpr std::size_t kMaxKinds = 1'000;

  struct Line {
    base::LogLevel level = base::LogLevel::kInfo;
    std::string text;
  };

  // What was held back of a kind: how many lines, and the last of them.
  struct HeldBack {
    Line last;
    std::uint64_t count = 0;
  };

  // Whether the line, which is about a process of user `uid`, is to be written now. Lines of one
  // kind are alike; `a_minute` of them are written.
  bool admit(const std::string& kind, const Line& line, Time now, std::uint64_t a_minute = kAMinute,
             std::uint32_t uid = 0);

  // What was held back in minutes that are over by then, each told once. Call it about once a
  // second.
  std::vector<HeldBack> take_due(Time now);

  // The same of minutes that go on: at the end.
  std::vector<HeldBack> take_all() { return take_due(Time::max()); }

 private:
  struct Kind {
    Time begun;
    std::uint64_t written = 0;
    std::uint64_t held_back = 0;
    Line last;
    std::uint32_t uid = 0;
  };

  // A kind of its own, or one that it shares.
  std::string key_of(const std::string& kind, std::uint32_t uid) const;

  std::map<std::string, Kind> kinds_;  // that had a line in their last minute
};

// The kind of a line about somebody: who it is, and what is said but for its numbers, such as pids.
std::string kind_of(const std::string& who, const std::string& text);

}  // namespace watch
