// What this kernel can do for us.
#pragma once

#include "base/result.h"

namespace probe {

// Fails, with the fix, where the kernel would not let us load BPF programs or attach uprobes at
// all. Cheap: loads the smallest program there is and throws it away.
base::Result<void> check_kernel();

// Sends libbpf's own messages to the log: what it calls warnings as debug messages, since each
// failure that matters is reported by us, once, with its object. Call once.
void redirect_libbpf_log();

}  // namespace probe
