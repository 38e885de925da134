// Living with almost nothing, for code that reads hostile files.
#pragma once

#include "base/result.h"

namespace agent {

// Gives up every capability for good and limits memory, CPU time and file sizes, so that a file
// made to break or to busy libdw costs no more than this process, which ends with its parent.
base::Result<void> confine_process();

}  // namespace agent
