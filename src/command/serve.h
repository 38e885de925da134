// Attaches and serves: what happens where no other command is given.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "agent/config.h"
#include "base/result.h"
#include "command/process_options.h"
#include "probe/contract.h"

namespace command {

struct ServeOptions {
  std::string executable;
  std::vector<std::string> names;
  std::string probes = probe::default_groups();
  std::string max_overhead = "1%";
  std::vector<std::string> listen_addresses{"127.0.0.1:18255"};
  std::string telemetry_path = "/metrics";
  std::vector<std::string> capture_rules;
  std::string capture_directory;
  std::uint32_t max_profile_hz = 999;
  std::uint32_t stack_bytes = 64 * 1024;
  bool is_profiled_continuously = false;
  std::string log_level = "info";
  std::string log_format = "text";
};

// What these options mean. Fails only where they can't be understood: nothing is asked of the
// system.
base::Result<agent::Config> agent_config(const ProcessOptions& process,
                                         const ServeOptions& options);

// Returns when SIGINT or SIGTERM comes. SIGHUP ends nothing.
base::Result<int> run_serve(const ProcessOptions& process, const ServeOptions& options);

}  // namespace command
