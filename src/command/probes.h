// Lists the probes of a process.
#pragma once

#include <string>

#include "base/result.h"
#include "command/process_options.h"

namespace command {

struct ProbesOptions {
  std::string format = "text";
};

base::Result<int> run_probes(const ProcessOptions& process, const ProbesOptions& options);

}  // namespace command
