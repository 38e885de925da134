// Prints one snapshot of a process.
#pragma once

#include <string>

#include "base/result.h"
#include "command/process_options.h"

namespace command {

struct DumpOptions {
  std::string format = "prometheus";
  int seconds = 0;  // 0: none given
};

base::Result<int> run_dump(const ProcessOptions& process, const DumpOptions& options);

}  // namespace command
