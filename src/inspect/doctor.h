// What `valkyria_exporter doctor` finds out.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "layout/layouts.h"
#include "model/doctor_report.h"

namespace inspect {

// Checks this machine and, with `pid`, that process: whether it can be watched, and where not, why.
// Tries it for real: attaches to the process for a moment and takes everything out again before it
// returns. Groups that are too dear for a process at work are not tried. `hit_cost_ns` is the price
// of a hit on this machine, where somebody has calibrated it.
model::DoctorReport diagnose(std::optional<int> pid, const layout::Config& layouts,
                             std::optional<std::uint64_t> hit_cost_ns = std::nullopt,
                             const std::string& proc_root = "/proc");

}  // namespace inspect
