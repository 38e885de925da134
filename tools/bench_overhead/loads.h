// The work that the target is given, each kind in a unit of its own.
#pragma once

#include <memory>
#include <span>
#include <string_view>

#include "subject.h"

namespace bench {

// What the target did in a stretch of time.
struct Work {
  double cpu_ns = 0;
  double units = 0;
};

// Goes on as long as it lives. Throws if the target does it wrongly.
class Load {
 public:
  Load() = default;
  virtual ~Load() = default;
  Load(const Load&) = delete;
  Load& operator=(const Load&) = delete;

  // A little of it, after which caches and pages are what they are all day.
  virtual void warm_up() = 0;

  // Some tenths of a second of it.
  virtual Work measure() = 0;
};

struct LoadSpec {
  std::string_view name;
  std::string_view unit;
  int pairs;         // a round, of each variant of all groups: what a hit costs takes many
  double max_ratio;  // that default groups may make of its CPU time; 0: no more is promised
  std::unique_ptr<Load> (*start)(Subject& subject);
};

std::span<const LoadSpec> loads();

// At saturation: the load whose price of a hit is held against the calibrated one.
inline constexpr std::string_view kHttpLoad = "http";

}  // namespace bench
