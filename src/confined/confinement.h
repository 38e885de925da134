// Living with almost nothing, for code that reads hostile files.
#pragma once

#include "base/result.h"

namespace confined {

// Gives up every capability for good, limits memory, CPU time and file sizes, and lets everybody
// else go first, so that a file made to break or to busy libdw costs no more than this process,
// which ends with its parent.
base::Result<void> confine_process();

// From now on this process can't open files, make sockets, run programs or look into other
// processes; it works on with what it has open. Debug information names other files that libdw
// would open as root.
base::Result<void> forbid_reaching_out();

}  // namespace confined
