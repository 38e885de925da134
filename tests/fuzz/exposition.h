// What must hold of everything that is served, whatever is in a snapshot.
#pragma once

#include "model/snapshot.h"

namespace fuzz {

// Writes the snapshot in every format and reads that back.
void check_exposition(const model::Snapshot& snapshot);

}  // namespace fuzz
