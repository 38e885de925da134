// Which programs can be watched, and by what.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "probe/function_probes.h"
#include "target/program.h"

namespace watch {

// Our provider, and the variables that mark the runtimes whose memory we can read.
target::Recognition recognition();

// The layout that the program's mark stands for; empty: it has no mark.
std::string_view runtime_of(const target::Program& program);

// Fails where there is nothing to watch: neither probes nor a runtime that we know.
base::Result<void> require_recognised(const target::Program& program);

// The function probes of a program without probes, as far as this process and this kernel allow
// them. Fails when its file or its status can't be read.
base::Result<probe::FunctionCheck> find_functions(const std::string& proc_root, int pid,
                                                  const target::Program& program);

// Why no return of this process may be probed (function_probes.h), if so. Fails when its status
// can't be read.
base::Result<std::optional<std::string>> find_return_fault(const std::string& proc_root, int pid);

}  // namespace watch
