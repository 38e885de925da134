// Checks whether this machine, and a process, can be watched.
#pragma once

#include <CLI/CLI.hpp>

#include <string>

#include "base/result.h"
#include "command/process_options.h"

namespace command {

struct DoctorOptions {
  std::string format = "text";
};

CLI::App* add_doctor(CLI::App& app, ProcessOptions& process, DoctorOptions& options);

// The exit status: 1 where something can't be watched.
base::Result<int> run_doctor(const ProcessOptions& process, const DoctorOptions& options);

}  // namespace command
