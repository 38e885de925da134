#include <cstdint>

#include "expose/family_groups.h"

namespace expose {

std::vector<Family> target_families(Targets targets) {
  Family up{"valkyria_up",
            FamilyType::kGauge,
            "1 while the watched process is alive and the exporter is attached to it, else 0.",
            {}};
  for (const auto& target : targets) {
    add_sample(up, labels_of(target), std::uint64_t{target.up ? 1U : 0U});
  }
  return {std::move(up)};
}

std::vector<Family> exporter_families(const model::ExporterStatus& exporter) {
  Family build{"valkyria_exporter_build_info",
               FamilyType::kGauge,
               "Version of the exporter; the value is always 1.",
               {}};
  add_sample(build, {{"version", exporter.version}}, std::uint64_t{1});

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
    add_sample(attached, {{"probe", probe.probe}}, std::uint64_t{probe.attached ? 1U : 0U});
    if (probe.attached || probe.hits != 0) add_sample(hits, {{"probe", probe.probe}}, probe.hits);
  }

  Family lost{"valkyria_exporter_lost_events_total",
              FamilyType::kCounter,
              "Events that the exporter could not count or keep since it started, by cause.",
              {}};
  for (const auto& loss : exporter.lost_events) {
    add_sample(lost, {{"cause", loss.cause}}, loss.count);
  }
  return {std::move(build), std::move(attached), std::move(hits), std::move(lost)};
}

}  // namespace expose
