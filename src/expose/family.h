// Metric families: what every exposition format is written from.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "model/histogram.h"
#include "model/registered_series.h"

namespace expose {

// kInfo: a gauge of ours that is always 1, whose labels are what it tells. Its name ends in
// "_info".
enum class FamilyType { kCounter, kGauge, kHistogram, kInfo, kUntyped };

// A duration or a point in time, kept in nanoseconds and shown in seconds.
struct Seconds {
  std::uint64_t ns = 0;

  friend auto operator<=>(const Seconds&, const Seconds&) = default;
};

// The double is for ratios and means only: counts, bytes and durations stay exact. The signed one
// is for gauges that applications registered.
using Number = std::variant<std::uint64_t, Seconds, double, std::int64_t>;
using Value = std::variant<Number, model::Histogram, model::RegisteredHistogram>;

// In the order in which they are shown; families of a target begin with `process` where it has a
// name. Names are literals, but for those that an application chose: they belong to the snapshot,
// which outlives the families. Values are valid UTF-8 once they are in a family.
using Labels = std::vector<std::pair<std::string_view, std::string>>;

// What has one set of labels: a number, or a whole histogram. Writers make lines of it, so that
// labels are kept once and not with every bucket.
struct Series {
  Labels labels;
  Value value;
  // Since when a counter or a histogram counts. None: unknown.
  std::optional<std::uint64_t> created_unix_ns;
};

// All series under one name.
struct Family {
  std::string name;
  FamilyType type = FamilyType::kUntyped;
  std::string help;  // one line, plain text, valid UTF-8
  std::vector<Series> series;
};

// "counter", "gauge" (of an info too), "histogram", "untyped".
std::string_view name_of(FamilyType type);

// Adds one series. Label values are any bytes; they become valid UTF-8 here. A histogram without
// buckets is unknown and adds nothing. The time is for what counts; others have none.
void add_series(Family& family, Labels labels, Value value,
                std::optional<std::uint64_t> created_unix_ns = std::nullopt);

// Makes one series of all that have the same labels, where the first of them stood: their sum, or
// of gauges, which can't be summed in general, the largest. It counts since the earliest of them.
// Such twins are real: two listeners on one port, or names that differ only in bytes that are no
// UTF-8. Not for what applications registered: of that, twins are dropped before.
void merge_equal_series(Family& family);

}  // namespace expose
