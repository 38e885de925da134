// Where each family comes from, for one target.
#pragma once

#include <span>
#include <vector>

#include "model/catalogue.h"
#include "state/readings.h"

namespace watch {

// Chooses by the catalogue's preference between the members that the runtime's memory gives and
// those of the attached probes; in the catalogue's order. A family that neither knows is not in the
// result, nor one that stands in for another which is known. `differences` are of what memory
// gives. The choice is made once a target: a source that fails later leaves its families absent,
// since a counter that changed its source would jump.
std::vector<model::FamilySource> choose_sources(
    std::span<const model::Member> state, std::span<const model::Member> probes,
    std::span<const state::Difference> differences = {});

}  // namespace watch
