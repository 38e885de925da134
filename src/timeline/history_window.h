// The last ten minutes of all targets, a value each second: what charts need to be full at once.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "model/history.h"
#include "model/snapshot.h"

namespace timeline {

// Keeps so many seconds of so many targets, systems, servers and clients: the size of all is fixed,
// whatever the targets do. Any thread may call any function; the lock is held for moments.
class HistoryWindow {
 public:
  static constexpr std::size_t kSeconds = 600;
  static constexpr std::size_t kMaxTargets = 64;
  static constexpr std::size_t kMaxParts = 64;  // of a kind

  // Adds a moment. `now_ns`: CLOCK_MONOTONIC, rising.
  void add(std::uint64_t now_ns, const model::Snapshot& snapshot);

  // The last seconds of the target of that name, or of the first one; none: there is none.
  std::optional<model::History> read(const std::optional<std::string>& process,
                                     std::size_t seconds) const;

 private:
  using Ring = std::vector<double>;  // kSeconds of them

  struct NamedRing {
    std::string_view name;
    Ring values;
  };

  struct Latency {
    std::span<const std::uint64_t> bounds_ns;
    std::vector<Ring> counts;
    Ring sum_seconds;
  };
  struct Part {
    std::vector<std::pair<std::string_view, std::string>> labels;
    std::vector<NamedRing> columns;
    std::optional<Latency> latency;
    std::uint64_t seen = 0;  // the moment, counted from 1
  };
  struct Target {
    std::uint64_t moments = 0;
    std::uint64_t order = 0;  // in the last snapshot
    std::vector<std::uint64_t> times_ns = std::vector<std::uint64_t>(kSeconds);
    std::vector<NamedRing> columns;
    std::array<std::vector<Part>, 3> parts;  // by HistoryKind
    std::uint64_t left_out = 0;              // parts, in the last snapshot
  };

  static void add_target(Target& target, std::uint64_t now_ns, const model::TargetMetrics& metrics);
  template <typename Metrics>
  static void add_parts(Target& target, model::HistoryKind kind, const std::vector<Metrics>& all);
  // Null: not known at that moment.
  template <typename Metrics>
  static void set_columns(std::vector<NamedRing>& columns, std::size_t place,
                          const Metrics* metrics);
  static void set_latency(Part& part, std::size_t place, const model::Histogram* histogram);
  void drop_old(std::uint64_t now_ns);
  // Whether there is room for one more; the place of one that is not living is taken.
  bool make_place(const std::set<std::string_view>& living);
  static std::uint64_t last_ns(const Target& target);

  static model::HistoryPart last_of_part(const Part& part, model::HistoryKind kind,
                                         std::uint64_t moments, std::size_t count);

  mutable std::mutex mutex_;  // over everything below
  std::map<std::string, Target, std::less<>> targets_;
};

}  // namespace timeline
