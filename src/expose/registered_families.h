// What applications registered, by the names that they chose.
#pragma once

#include <span>
#include <vector>

#include "expose/family.h"
#include "model/snapshot.h"

namespace expose {

struct RegisteredFamilies {
  std::vector<Family> families;  // each with a series; names of samples are no others'
  Family dropped;                // how many series are not in there, by reason
};

// A series is dropped, and counted by reason, where its name would mean something else, too, or
// where no format can show it; and past a limit, by target. Of names that exclude each other, the
// first stays. The targets outlive the families.
RegisteredFamilies registered_families(std::span<const model::TargetMetrics> targets);

}  // namespace expose
