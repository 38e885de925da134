#include <cstddef>
#include <string_view>
#include <utility>
#include <vector>

#include "expose/family_groups.h"
#include "expose/json_parts.h"

namespace expose {
namespace {

constexpr double kNsPerSecond = 1e9;

// The labels that the runtime itself shows: no `process`, which is said elsewhere.
Json labels_json(const Labels& labels) {
  Json object = Json::object();
  for (const auto& [name, value] : labels) {
    if (name != "process") object[std::string(name)] = value;
  }
  return object;
}

Json number_json(const Number& number) {
  if (const auto* const count = std::get_if<std::uint64_t>(&number)) return *count;
  if (const auto* const seconds = std::get_if<Seconds>(&number)) {
    return static_cast<double>(seconds->ns) / kNsPerSecond;
  }
  return std::get<double>(number);
}

// As the runtime writes them: buckets are not cumulative, bounds are numbers, the last one the text
// "+Inf".
Json histogram_json(const Family& family, const Labels& labels, const model::Histogram& histogram) {
  Json buckets = Json::array();
  for (std::size_t i = 0; i < histogram.counts.size(); ++i) {
    Json le = "+Inf";
    if (i < histogram.bounds_ns.size()) {
      le = static_cast<double>(histogram.bounds_ns[i]) / kNsPerSecond;
    }
    buckets.push_back({{"le", std::move(le)}, {"count", histogram.counts[i]}});
  }
  return {{"name", family.name},
          {"count", histogram.count()},
          {"sum", static_cast<double>(histogram.sum_ns) / kNsPerSecond},
          {"labels", labels_json(labels)},
          {"buckets", std::move(buckets)}};
}

std::vector<Family> registry_families(const model::TargetMetrics& target) {
  std::vector<Family> families;
  for (const auto group :
       {http_families, http_connection_families, client_families, client_connection_families}) {
    for (Family& family : group(Targets(&target, 1))) {
      merge_equal_series(family);
      families.push_back(std::move(family));
    }
  }
  return families;
}

// The runtime makes its registry when it starts.
model::Count registry_age_ns(const model::Snapshot& snapshot, const model::TargetMetrics& target) {
  const model::Count& start_unix_ns = target.process_metrics.start_unix_ns;
  if (!start_unix_ns || snapshot.taken_unix_ns < *start_unix_ns) return std::nullopt;
  return snapshot.taken_unix_ns - *start_unix_ns;
}

}  // namespace

Json registry_json(const model::Snapshot& snapshot, const model::TargetMetrics& target) {
  Json counters = Json::array();
  Json gauges = Json::array();
  Json histograms = Json::array();
  for (const Family& family : registry_families(target)) {
    Json& numbers = family.type == FamilyType::kGauge ? gauges : counters;
    for (const Series& series : family.series) {
      if (const auto* const histogram = std::get_if<model::Histogram>(&series.value)) {
        histograms.push_back(histogram_json(family, series.labels, *histogram));
      } else {
        numbers.push_back({{"name", family.name},
                           {"value", number_json(std::get<Number>(series.value))},
                           {"labels", labels_json(series.labels)}});
      }
    }
  }
  return {{"uptime_seconds", seconds(registry_age_ns(snapshot, target))},
          {"counters", std::move(counters)},
          {"gauges", std::move(gauges)},
          {"histograms", std::move(histograms)}};
}

}  // namespace expose
