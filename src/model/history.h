// What the charts of a target need, a value each second.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace model {

// As long as History::times_ns. NaN: it was not known then. Counters are as they stood.
struct Column {
  std::string_view name;  // of a table that lives as long as the program
  std::vector<double> values;
};

struct LatencyColumns {
  std::span<const std::uint64_t> bounds_ns;  // as in Histogram
  // Of each bound and of all together the observations up to it, cumulative; one entry more than
  // `bounds_ns`.
  std::vector<std::vector<double>> counts;
  std::vector<double> sum_seconds;
};

enum class HistoryKind { kSystem, kServer, kClient };

// A system, a server or a client. Texts of labels are the target's own: any bytes.
struct HistoryPart {
  HistoryKind kind = HistoryKind::kSystem;
  std::vector<std::pair<std::string_view, std::string>> labels;
  std::vector<Column> columns;
  std::optional<LatencyColumns> latency;
};

// The last seconds of one target, in order.
struct History {
  std::string process;
  std::vector<std::uint64_t> times_ns;  // CLOCK_MONOTONIC
  std::vector<Column> columns;          // of the process as a whole
  std::vector<HistoryPart> parts;
  std::uint64_t left_out = 0;  // parts past the limit of a kind
};

}  // namespace model
