// What a hit of a probe costs on this machine, for who looks once.
#pragma once

#include <cstdint>
#include <optional>

namespace inspect {

// Measures it on ourselves (probe/calibration.h), 0.2 s in all. None: this process may not attach,
// or the kernel can't, which others of our checks tell.
std::optional<std::uint64_t> find_hit_cost();

}  // namespace inspect
