// Living with almost nothing, for code that works on what may be made to break it.
#pragma once

#include "base/result.h"

namespace confined {

// What the process may use until it ends.
struct ProcessLimits {
  unsigned cpu_seconds = 10;
  unsigned files = 16;  // the numbers of descriptors stay below
};

// For good, this process becomes nobody, with no group, no capability and no way to get one, in an
// empty root; it gets limits on memory, CPU time, descriptors, files and processes; everybody else
// goes first when memory or time is short; it ends when the thread that started it does; and of
// the system calls it keeps those that read what it has open and compute (allowed_calls.h).
// Where we are not root it stays who it is, in our root, of which it can't open anything either.
//
// Fails where any of this can't be had: then don't go on. Call it first, while there is one thread.
base::Result<void> confine_process(const ProcessLimits& limits = {});

}  // namespace confined
