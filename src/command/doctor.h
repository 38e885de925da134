// Checks whether this machine, and a process, can be watched.
#pragma once

#include <string>

#include "base/result.h"
#include "command/process_options.h"
#include "command/serve.h"

namespace command {

struct DoctorOptions {
  std::string format = "text";
};

// The exit status: 1 where something can't be watched. Checks what an exporter with the options
// `serve` would need.
base::Result<int> run_doctor(const ProcessOptions& process, const ServeOptions& serve,
                             const DoctorOptions& options);

}  // namespace command
