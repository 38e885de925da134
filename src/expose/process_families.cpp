#include <array>
#include <optional>
#include <string>

#include "expose/family_groups.h"

namespace expose {
namespace {

using model::ProcessMetrics;

std::optional<Value> plain(const model::Count& count) {
  return count ? std::optional<Value>(*count) : std::nullopt;
}

std::optional<Value> seconds(const model::Count& ns) {
  return ns ? std::optional<Value>(Seconds{*ns}) : std::nullopt;
}

// `name` is what stands behind "process_" and "valkyria_process_".
struct ProcessNumber {
  const char* name;
  FamilyType type;
  const char* help;
  std::optional<Value> (*value)(const ProcessMetrics&);
};

constexpr std::array<ProcessNumber, 5> kNumbers{{
    {"cpu_seconds_total", FamilyType::kCounter, "CPU time, user and system, in seconds.",
     [](const ProcessMetrics& process) { return seconds(process.cpu_ns); }},
    {"resident_memory_bytes", FamilyType::kGauge, "Resident memory in bytes.",
     [](const ProcessMetrics& process) { return plain(process.resident_bytes); }},
    {"open_fds", FamilyType::kGauge, "Open file descriptors.",
     [](const ProcessMetrics& process) { return plain(process.open_fds); }},
    {"threads", FamilyType::kGauge, "Threads.",
     [](const ProcessMetrics& process) { return plain(process.threads); }},
    {"start_time_seconds", FamilyType::kGauge, "Start time in seconds since 1970.",
     [](const ProcessMetrics& process) { return seconds(process.start_unix_ns); }},
}};

}  // namespace

std::vector<Family> process_families(Targets targets) {
  Family info{"valkyria_process_info",
              FamilyType::kGauge,
              "What the watched process is; the value is always 1.",
              {}};
  for (const auto& target : targets) {
    if (target.id.pid == 0) continue;
    add_sample(info,
               labels_of(target, {{"pid", std::to_string(target.id.pid)},
                                  {"exe", target.identity.exe},
                                  {"script", target.identity.script},
                                  {"build_id", target.identity.build_id},
                                  {"layout", ""}}),
               std::uint64_t{1});
  }
  std::vector<Family> families{std::move(info)};
  for (const ProcessNumber& number : kNumbers) {
    Family& family =
        families.emplace_back(Family{std::string("valkyria_process_") + number.name,
                                     number.type,
                                     std::string("Of the watched process: ") + number.help,
                                     {}});
    for (const auto& target : targets) {
      if (const auto value = number.value(target.process_metrics)) {
        add_sample(family, labels_of(target), *value);
      }
    }
  }
  return families;
}

std::vector<Family> own_process_families(const ProcessMetrics& process) {
  std::vector<Family> families;
  for (const ProcessNumber& number : kNumbers) {
    Family& family = families.emplace_back(Family{std::string("process_") + number.name,
                                                  number.type,
                                                  std::string("Of the exporter: ") + number.help,
                                                  {}});
    if (const auto value = number.value(process)) add_sample(family, {}, *value);
  }
  return families;
}

}  // namespace expose
