// No files.
#pragma once

#include "base/result.h"

namespace confined {

// From now on this process has a root directory in which nothing is and nothing can be made. Needs
// CAP_SYS_CHROOT and a mounted /proc; call it while the process has one thread.
base::Result<void> enter_empty_root();

}  // namespace confined
