// Lists the probes of a process.
#pragma once

#include <CLI/CLI.hpp>

#include <string>

#include "base/result.h"
#include "command/process_options.h"

namespace command {

struct ProbesOptions {
  std::string format = "text";
};

CLI::App* add_probes(CLI::App& app, ProcessOptions& process, ProbesOptions& options);
base::Result<int> run_probes(const ProcessOptions& process, const ProbesOptions& options);

}  // namespace command
