#include <array>
#include <string>

#include "expose/target_series.h"

namespace expose {
namespace {

using model::ProcessMetrics;

// `name` is what stands behind "process_" and "valkyria_process_".
constexpr std::array<NumberFamily<ProcessMetrics>, 5> kNumbers{{
    {"cpu_seconds_total", FamilyType::kCounter, "CPU time in seconds, user and system,",
     Since::kStart, &ProcessMetrics::cpu_ns, Unit::kNs},
    {"resident_memory_bytes", FamilyType::kGauge, "Resident memory in bytes", Since::kNow,
     &ProcessMetrics::resident_bytes},
    {"open_fds", FamilyType::kGauge, "Open file descriptors", Since::kNow,
     &ProcessMetrics::open_fds},
    {"threads", FamilyType::kGauge, "Threads", Since::kNow, &ProcessMetrics::threads},
    {"start_time_seconds", FamilyType::kGauge, "Start time in seconds since 1970", Since::kNow,
     &ProcessMetrics::start_unix_ns, Unit::kNs},
}};

Family named_family(const NumberFamily<ProcessMetrics>& entry, std::string_view prefix,
                    std::string_view whose) {
  return {std::string(prefix) + entry.name,
          entry.type,
          std::string(whose) + help_text(entry.help, entry.since),
          {}};
}

// The kernel counts from the process's start on, whoever watches.
void add_number(Family& family, Labels labels, const NumberFamily<ProcessMetrics>& entry,
                const ProcessMetrics& process) {
  const model::Count& number = process.*entry.number;
  if (!number) return;
  add_series(family, std::move(labels),
             entry.unit == Unit::kNs ? Number(Seconds{*number}) : Number(*number),
             entry.type == FamilyType::kCounter ? process.start_unix_ns : std::nullopt);
}

Family info_family(Targets targets) {
  Family info{"valkyria_process_info",
              FamilyType::kInfo,
              "What the watched process is; the value is always 1.",
              {}};
  for (const auto& target : targets) {
    if (target.id.pid == 0) continue;
    TargetSeries(info, target)
        .add({{"pid", std::to_string(target.id.pid)},
              {"exe", target.identity.exe},
              {"script", target.identity.script},
              {"build_id", target.identity.build_id},
              {"layout", target.identity.layout}},
             std::uint64_t{1});
  }
  return info;
}

}  // namespace

std::vector<Family> process_families(Targets targets) {
  std::vector<Family> families{info_family(targets)};
  for (const auto& entry : kNumbers) {
    Family& family =
        families.emplace_back(named_family(entry, "valkyria_process_", "Of the watched process: "));
    for (const auto& target : targets) {
      add_number(family, labels_of(target), entry, target.process_metrics);
    }
  }
  return families;
}

std::vector<Family> own_process_families(const ProcessMetrics& process) {
  std::vector<Family> families;
  for (const auto& entry : kNumbers) {
    Family& family = families.emplace_back(named_family(entry, "process_", "Of the exporter: "));
    add_number(family, {}, entry, process);
  }
  return families;
}

}  // namespace expose
