// Readers of a runtime's memory.
#pragma once

#include <sys/types.h>

#include <memory>
#include <string>

#include "state/readings.h"

namespace bench {

// A reader for the process, as serving makes it: from its executable on. Layouts are resolved by
// the running program itself (layout::kResolveConfined): main() must know how. Empty: no cache.
std::unique_ptr<state::Reader> open_reader(pid_t pid, const std::string& cache_directory);

}  // namespace bench
