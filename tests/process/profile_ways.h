// What a process that should unwind may do instead: told by a number of files that no code map has.
#pragma once

#include <cstddef>

namespace test {

inline constexpr std::size_t kFirstWay = 100;

enum class Way : std::size_t {
  kEnds = kFirstWay,
  kIsSilent,
  kTalksNonsense,
  kLeavesOut,
  kTellsNamesWithoutEnd,
};

}  // namespace test
