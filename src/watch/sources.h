// Where each family of the catalogue comes from, for one target.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "model/snapshot.h"

namespace watch {

// Chooses by the catalogue's preference between the families that the runtime's memory gives and
// those of the attached probes. A family that neither knows is not in the result. The choice is
// made once a target: a source that fails later leaves its families absent, since a counter that
// changed its source would jump.
std::vector<model::FamilySource> choose_sources(std::span<const std::string_view> state_families,
                                                std::span<const std::string_view> probe_families);

// Whether the family comes from the runtime's memory.
bool comes_from_state(std::span<const model::FamilySource> sources, std::string_view family);

}  // namespace watch
