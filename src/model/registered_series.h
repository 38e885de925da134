// What applications registered with their runtime: metrics of their own, under their own names.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace model {

// Observations by bucket, by bounds of the application's choice. Seconds are what the runtime says
// that they are: it keeps the sum in microseconds. An application may mean something else by them.
struct RegisteredHistogram {
  std::vector<double> bounds_seconds;  // inclusive, finite, 0 or more, rising
  std::vector<std::uint64_t> counts;   // one more than bounds; by bucket, not cumulative
  std::uint64_t sum_ns = 0;
};

// A counter, a gauge or a histogram.
using RegisteredValue = std::variant<std::uint64_t, std::int64_t, RegisteredHistogram>;

// Texts are the application's own: any bytes, any name.
struct RegisteredSeries {
  std::string name;
  std::string help;  // empty: the runtime keeps none
  std::vector<std::pair<std::string, std::string>> labels;
  RegisteredValue value;
};

// The series of one runtime's registry, in its order, without those that are of families of ours.
struct Registry {
  std::vector<RegisteredSeries> series;
  std::uint64_t unreadable = 0;  // further series of which a text or the value could not be read
};

// Series that are left out when a registry is written.
struct DroppedSeries {
  std::string_view reason;
  std::uint64_t count = 0;
};

}  // namespace model
