// Whether a process's libuv is one whose loops we can read without its debug information.
#pragma once

#include <span>
#include <string>

#include "base/result.h"
#include "target/memory_map.h"
#include "target/program.h"

namespace watch {

// Looks at the libuv in the program, or at the library that the process has loaded. Fails with the
// reason where it is not known (state/runtimes/libuv.h).
base::Result<void> check_libuv_of(const std::string& proc_root, int pid,
                                  const target::Program& program,
                                  std::span<const target::Mapping> mappings);

}  // namespace watch
