// The system calls that are left.
#pragma once

#include "base/result.h"

namespace confined {

// From now on, for good, this process can read and move in the files that it has open, write to
// stdout and stderr, get and give back memory that is not code, wait, and end. Every other system
// call fails with EPERM; one of another architecture (i386, x32) kills. Fails where the kernel has
// no such filters.
base::Result<void> allow_only_computing();

}  // namespace confined
