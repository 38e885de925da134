// What `valkyria_exporter doctor` finds out.
#pragma once

#include <cstdint>
#include <optional>

#include "model/doctor_report.h"
#include "watch/config.h"

namespace inspect {

// Whom to look at, and by what.
struct DoctorQuery {
  std::optional<int> pid = std::nullopt;  // none: every candidate (candidates.h)
  watch::Config config{};  // who would be watched, by which layouts, from which /proc
  // The price of a hit on this machine, where somebody has calibrated it.
  std::optional<std::uint64_t> hit_cost_ns = std::nullopt;
};

// Checks this machine and, with `pid`, that process: whether it can be watched, and where not, why.
// Tries it for real: attaches to the process for a moment and takes everything out again before it
// returns. Groups that are too dear for a process at work are not tried. Without `pid`, tells who
// would be watched, and attaches to nobody.
model::DoctorReport diagnose(const DoctorQuery& query);

}  // namespace inspect
