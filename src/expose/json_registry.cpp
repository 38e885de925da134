#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "expose/catalogue_families.h"
#include "expose/json_parts.h"
#include "expose/registered_families.h"

namespace expose {
namespace {

constexpr double kNsPerSecond = 1e9;

// Without `process`, which every series of a target with a name begins with: it is said elsewhere.
Json labels_json(const Labels& labels, const model::TargetMetrics& target) {
  const std::size_t own = target.process.empty() ? 0 : 1;
  Json object = Json::object();
  for (std::size_t i = own; i < labels.size(); ++i) {
    object[std::string(labels[i].first)] = labels[i].second;
  }
  return object;
}

Json number_json(const Number& number) {
  if (const auto* const count = std::get_if<std::uint64_t>(&number)) return *count;
  if (const auto* const seconds = std::get_if<Seconds>(&number)) {
    return static_cast<double>(seconds->ns) / kNsPerSecond;
  }
  if (const auto* const signed_count = std::get_if<std::int64_t>(&number)) return *signed_count;
  return std::get<double>(number);
}

double seconds_of(std::uint64_t bound_ns) {
  return static_cast<double>(bound_ns) / kNsPerSecond;
}

double seconds_of(double bound_seconds) {
  return bound_seconds;
}

// As the runtime writes them: buckets are not cumulative, bounds are numbers, the last one the text
// "+Inf".
template <typename Bounds>
Json histogram_json(const std::string& name, Json labels, const Bounds& bounds,
                    const std::vector<std::uint64_t>& counts, std::uint64_t sum_ns) {
  Json buckets = Json::array();
  std::uint64_t total = 0;
  for (std::size_t i = 0; i < counts.size(); ++i) {
    Json le = i < bounds.size() ? Json(seconds_of(bounds[i])) : Json("+Inf");
    buckets.push_back({{"le", std::move(le)}, {"count", counts[i]}});
    total += counts[i];
  }
  return {{"name", name},
          {"count", total},
          {"sum", static_cast<double>(sum_ns) / kNsPerSecond},
          {"labels", std::move(labels)},
          {"buckets", std::move(buckets)}};
}

std::vector<Family> registry_families(const model::TargetMetrics& target) {
  std::vector<Family> families;
  for (const model::CatalogueEntry& entry : model::catalogue()) {
    if (entry.json.path != model::kRegistryPlace) continue;
    Family family = family_of(entry, target);
    merge_equal_series(family);
    families.push_back(std::move(family));
  }
  for (Family& family : registered_families(std::span(&target, 1)).families) {
    families.push_back(std::move(family));
  }
  return families;
}

// The runtime makes its registry when it starts.
Json registry_age_seconds(const model::TargetMetrics& target) {
  const model::Count& age_ns = target.process_metrics.age_ns;
  return age_ns ? Json(static_cast<double>(*age_ns) / kNsPerSecond) : Json(nullptr);
}

}  // namespace

Json registry_json(const model::TargetMetrics& target) {
  Json counters = Json::array();
  Json gauges = Json::array();
  Json histograms = Json::array();
  for (const Family& family : registry_families(target)) {
    Json& numbers = family.type == FamilyType::kGauge ? gauges : counters;
    for (const Series& series : family.series) {
      Json labels = labels_json(series.labels, target);
      if (const auto* const number = std::get_if<Number>(&series.value)) {
        numbers.push_back({{"name", family.name},
                           {"value", number_json(*number)},
                           {"labels", std::move(labels)}});
      } else if (const auto* const own = std::get_if<model::Histogram>(&series.value)) {
        histograms.push_back(histogram_json(family.name, std::move(labels), own->bounds_ns,
                                            own->counts, own->sum_ns));
      } else {
        const auto& other = std::get<model::RegisteredHistogram>(series.value);
        histograms.push_back(histogram_json(family.name, std::move(labels), other.bounds_seconds,
                                            other.counts, other.sum_ns));
      }
    }
  }
  return {{"uptime_seconds", registry_age_seconds(target)},
          {"counters", std::move(counters)},
          {"gauges", std::move(gauges)},
          {"histograms", std::move(histograms)}};
}

}  // namespace expose
