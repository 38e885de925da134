// Metric families: what every exposition format is written from.
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "model/histogram.h"

namespace expose {

enum class FamilyType { kCounter, kGauge, kHistogram, kUntyped };

// A duration or a point in time, kept in nanoseconds and shown in seconds.
struct Seconds {
  std::uint64_t ns = 0;

  friend auto operator<=>(const Seconds&, const Seconds&) = default;
};

// The double is for ratios and means only: counts, bytes and durations stay exact.
using Value = std::variant<std::uint64_t, Seconds, double>;

// In the order in which they are shown. Values are valid UTF-8 once they are in a family.
using Labels = std::vector<std::pair<std::string, std::string>>;

struct Sample {
  std::string name_suffix;  // "" or, of a histogram, "_bucket", "_sum", "_count"
  Labels labels;
  Value value;
};

// All samples under one name. The samples of one series of a histogram follow each other: buckets
// (cumulative, by rising `le`, the last "+Inf"), sum, count.
struct Family {
  std::string name;
  FamilyType type = FamilyType::kUntyped;
  std::string help;  // one line, plain text
  std::vector<Sample> samples;
};

// "counter", "gauge", "histogram", "untyped".
std::string_view name_of(FamilyType type);

// Adds one series. Label values are any bytes; they become valid UTF-8 here.
void add_sample(Family& family, Labels labels, Value value);

// Adds one series of a histogram. One without buckets is unknown and adds nothing.
void add_histogram(Family& family, const Labels& labels, const model::Histogram& histogram);

// Makes one series of all that have the same labels, where the first of them stood: their sum, or
// of gauges, which can't be summed in general, the largest. Such twins are real: two listeners on
// one port, or names that differ only in bytes that are no UTF-8.
void merge_equal_series(Family& family);

}  // namespace expose
