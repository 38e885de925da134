#include <array>
#include <optional>

#include "expose/derived.h"
#include "expose/target_series.h"

namespace expose {
namespace {

using model::GcMetrics;

constexpr std::array<NumberFamily<GcMetrics>, 6> kCollections{{
    {"valk_gc_cycles_total", FamilyType::kCounter, "Garbage collections", Since::kEither,
     &GcMetrics::cycles},
    {"valk_gc_pause_seconds_total", FamilyType::kCounter, "Seconds in garbage collections",
     Since::kEither, &GcMetrics::pause_ns_total, Unit::kNs},
    {"valk_gc_pause_seconds_max", FamilyType::kGauge,
     "Duration in seconds of the longest garbage collection", Since::kEither,
     &GcMetrics::pause_ns_max, Unit::kNs},
    {"valk_gc_reclaimed_bytes_total", FamilyType::kCounter,
     "Bytes that garbage collections reclaimed", Since::kEither, &GcMetrics::reclaimed_bytes},
    {"valk_gc_heap_total_bytes", FamilyType::kGauge,
     "Heap capacity in bytes; where it comes from probes, as the last garbage collection told it",
     Since::kNow, &GcMetrics::heap_total_bytes},
    {"valk_gc_trigger_bytes", FamilyType::kGauge,
     "Heap use in bytes that starts a garbage collection; where it comes from probes, as the last "
     "one told it",
     Since::kNow, &GcMetrics::trigger_bytes},
}};

constexpr std::array<NumberFamily<GcMetrics>, 2> kHeap{{
    {"valk_gc_heap_used_bytes", FamilyType::kGauge, "Heap in use in bytes", Since::kNow,
     &GcMetrics::heap_used_bytes},
    {"valk_gc_heap_peak_bytes", FamilyType::kGauge, "Largest heap use in bytes", Since::kStart,
     &GcMetrics::heap_peak_bytes},
}};

struct GcHistogram {
  const char* name;
  const char* help;
  std::optional<model::Histogram> GcMetrics::*histogram;
};

constexpr std::array<GcHistogram, 2> kHistograms{{
    {"valk_gc_pause_duration_seconds", "Duration in seconds of each garbage collection",
     &GcMetrics::pause_ns},
    {"valk_gc_time_to_safepoint_seconds",
     "Seconds from the request for a garbage collection to its begin",
     &GcMetrics::time_to_safepoint_ns},
}};

constexpr auto kGcOfTarget = [](const model::TargetMetrics& target, auto visit) {
  visit(target.gc, {});
};

Family utilization_family(Targets targets) {
  Family family{"valk_gc_heap_utilization_ratio",
                FamilyType::kGauge,
                help_text("Heap in use, of its capacity, 0 to 1", Since::kNow),
                {}};
  for (const auto& target : targets) {
    if (const auto ratio = heap_utilization(target.gc)) {
      TargetSeries(family, target).add({}, *ratio);
    }
  }
  return family;
}

}  // namespace

std::vector<Family> gc_families(Targets targets) {
  std::vector<Family> families;
  append_families(families, targets, kCollections, kGcOfTarget);
  for (const GcHistogram& entry : kHistograms) {
    Family& family = families.emplace_back(
        Family{entry.name, FamilyType::kHistogram, help_text(entry.help, Since::kAttach), {}});
    for (const auto& target : targets) {
      const auto& histogram = target.gc.*entry.histogram;
      if (histogram) TargetSeries(family, target).add({}, *histogram);
    }
  }
  return families;
}

std::vector<Family> heap_families(Targets targets) {
  std::vector<Family> families;
  append_families(families, targets, kHeap, kGcOfTarget);
  families.push_back(utilization_family(targets));
  return families;
}

}  // namespace expose
