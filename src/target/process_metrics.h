// A process as the kernel sees it from outside.
#pragma once

#include <string>

#include "model/snapshot.h"

namespace target {

// Reads CPU time, memory, threads, descriptors and start time from /proc. What can't be read is
// absent; of a process that has ended, everything.
model::ProcessMetrics read_process_metrics(const std::string& proc_root, int pid);

}  // namespace target
