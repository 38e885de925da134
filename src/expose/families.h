// A snapshot as metric families.
#pragma once

#include <vector>

#include "expose/collectors.h"
#include "expose/family.h"
#include "model/snapshot.h"

namespace expose {

// Every family of which the snapshot knows at least one sample, each name once, no two series
// alike; those that applications registered last. Families of a target carry the label `process`
// first where the target has such a name. The snapshot outlives them. Whether the numbers of a
// target that is down are still in the snapshot is not decided here. Of `wanted` collectors only,
// where any is named.
std::vector<Family> families_of(const model::Snapshot& snapshot, const Collectors& wanted = {});

}  // namespace expose
