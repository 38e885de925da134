#include <cstdint>

#include "expose/target_series.h"

namespace expose {
namespace {

using model::ExporterStatus;

std::uint64_t flag(bool is_so) {
  return is_so ? 1 : 0;
}

void append_probe_families(std::vector<Family>& families, const ExporterStatus& exporter) {
  Family attached{"valkyria_exporter_probe_attached",
                  FamilyType::kGauge,
                  "1 while the probe is attached to a watched process, else 0.",
                  {}};
  Family hits{
      "valkyria_exporter_probe_hits_total",
      FamilyType::kCounter,
      "Times that the probe fired since the exporter started; each costs the process half a "
      "microsecond or so.",
      {}};
  for (const auto& probe : exporter.probes) {
    add_series(attached, {{"probe", probe.probe}}, flag(probe.attached));
    if (!probe.attached && probe.hits == 0) continue;
    add_series(hits, {{"probe", probe.probe}}, probe.hits, exporter.process_metrics.start_unix_ns);
  }
  families.push_back(std::move(attached));
  families.push_back(std::move(hits));
}

void append_loss_families(std::vector<Family>& families, const ExporterStatus& exporter) {
  const auto created_unix_ns = exporter.process_metrics.start_unix_ns;
  Family lost{"valkyria_exporter_lost_events_total",
              FamilyType::kCounter,
              "Events that the exporter could not count or keep since it started, by cause.",
              {}};
  for (const auto& loss : exporter.lost_events) {
    add_series(lost, {{"cause", loss.cause}}, loss.count, created_unix_ns);
  }
  Family missed{"valkyria_exporter_missed_events_total",
                FamilyType::kCounter,
                "Events that the runtime itself counted since attach and whose probe did not fire "
                "for the exporter.",
                {}};
  for (const auto& event : exporter.missed_events) {
    add_series(missed, {{"event", event.event}}, event.count, created_unix_ns);
  }
  families.push_back(std::move(lost));
  families.push_back(std::move(missed));
}

void append_collector_families(std::vector<Family>& families, const ExporterStatus& exporter,
                               Targets targets) {
  Family duration{"valkyria_exporter_collector_duration_seconds",
                  FamilyType::kGauge,
                  "Seconds that the collector took for this scrape.",
                  {}};
  Family success{"valkyria_exporter_collector_success",
                 FamilyType::kGauge,
                 "1 if the collector succeeded for this scrape, else 0.",
                 {}};
  const auto add = [&](const model::CollectorRun& run, Labels labels) {
    labels.emplace_back("collector", run.collector);
    add_series(duration, labels, Seconds{run.duration_ns});
    add_series(success, std::move(labels), flag(run.success));
  };
  for (const auto& target : targets) {
    for (const auto& run : target.collectors) add(run, labels_of(target));
  }
  for (const auto& run : exporter.collectors) add(run, {});
  families.push_back(std::move(duration));
  families.push_back(std::move(success));
}

}  // namespace

std::vector<Family> target_families(Targets targets) {
  std::vector<Family> families{
      {"valkyria_up",
       FamilyType::kGauge,
       "1 while the watched process is alive and its probes or its memory tell of it, else 0.",
       {}}};
  for (const auto& target : targets) TargetSeries(families[0], target).add({}, flag(target.up));
  return families;
}

std::vector<Family> exporter_families(const ExporterStatus& exporter, Targets targets) {
  std::vector<Family> families{{"valkyria_exporter_build_info",
                                FamilyType::kInfo,
                                "Version of the exporter; the value is always 1.",
                                {}}};
  add_series(families[0], {{"version", exporter.version}}, std::uint64_t{1});
  append_probe_families(families, exporter);
  append_loss_families(families, exporter);
  append_collector_families(families, exporter, targets);
  return families;
}

}  // namespace expose
