#include <array>
#include <optional>

#include "expose/family_groups.h"

namespace expose {
namespace {

using model::GcMetrics;

std::optional<Value> plain(const model::Count& count) {
  return count ? std::optional<Value>(*count) : std::nullopt;
}

std::optional<Value> seconds(const model::Count& ns) {
  return ns ? std::optional<Value>(Seconds{*ns}) : std::nullopt;
}

struct GcNumber {
  const char* name;
  FamilyType type;
  const char* help;
  std::optional<Value> (*value)(const GcMetrics&);
};

constexpr std::array<GcNumber, 6> kNumbers{{
    {"valk_gc_cycles_total", FamilyType::kCounter, "Garbage collections since attach.",
     [](const GcMetrics& gc) { return plain(gc.cycles); }},
    {"valk_gc_pause_seconds_total", FamilyType::kCounter,
     "Time in garbage collections since attach, in seconds.",
     [](const GcMetrics& gc) { return seconds(gc.pause_ns_total); }},
    {"valk_gc_pause_seconds_max", FamilyType::kGauge,
     "Longest single garbage collection since attach, in seconds.",
     [](const GcMetrics& gc) { return seconds(gc.pause_ns_max); }},
    {"valk_gc_reclaimed_bytes_total", FamilyType::kCounter,
     "Bytes that garbage collections reclaimed since attach.",
     [](const GcMetrics& gc) { return plain(gc.reclaimed_bytes); }},
    {"valk_gc_heap_total_bytes", FamilyType::kGauge,
     "Heap capacity in bytes, as the last garbage collection told it.",
     [](const GcMetrics& gc) { return plain(gc.heap_total_bytes); }},
    {"valk_gc_trigger_bytes", FamilyType::kGauge,
     "Heap use in bytes that starts a garbage collection, as the last one told it.",
     [](const GcMetrics& gc) { return plain(gc.trigger_bytes); }},
}};

struct GcHistogram {
  const char* name;
  const char* help;
  std::optional<model::Histogram> GcMetrics::*histogram;
};

constexpr std::array<GcHistogram, 2> kHistograms{{
    {"valk_gc_pause_duration_seconds",
     "Duration of each garbage collection since attach, in seconds.", &GcMetrics::pause_ns},
    {"valk_gc_time_to_safepoint_seconds",
     "Time from the request for a garbage collection to its begin, in seconds, since attach.",
     &GcMetrics::time_to_safepoint_ns},
}};

}  // namespace

std::vector<Family> gc_families(Targets targets) {
  std::vector<Family> families;
  for (const GcNumber& number : kNumbers) {
    Family& family = families.emplace_back(Family{number.name, number.type, number.help, {}});
    for (const auto& target : targets) {
      if (const auto value = number.value(target.gc)) add_sample(family, labels_of(target), *value);
    }
  }
  for (const GcHistogram& entry : kHistograms) {
    Family& family =
        families.emplace_back(Family{entry.name, FamilyType::kHistogram, entry.help, {}});
    for (const auto& target : targets) {
      const auto& histogram = target.gc.*entry.histogram;
      if (histogram) add_histogram(family, labels_of(target), *histogram);
    }
  }
  return families;
}

}  // namespace expose
