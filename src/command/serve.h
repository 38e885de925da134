// Attaches and serves: what happens where no other command is given.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "agent/config.h"
#include "base/result.h"
#include "command/process_options.h"
#include "probe/contract.h"
#include "probe/limits.h"
#include "target/naming.h"

namespace command {

struct ServeOptions {
  std::vector<std::string> executables;
  std::vector<std::string> names;
  std::vector<std::string> cgroups;
  std::vector<std::string> units;
  std::uint32_t max_targets = probe::kUsualTargets;
  std::string name_from = std::string(target::kDefaultNameFrom);
  std::string probes = probe::default_groups();
  std::string max_overhead = "1%";
  std::vector<std::string> listen_addresses{"127.0.0.1:18255"};
  std::string telemetry_path = "/metrics";
  std::string web_config_file;
  bool takes_systemd_sockets = false;
  std::size_t max_web_requests = 0;
  bool is_debug_enabled = false;
  std::vector<std::string> capture_rules;
  std::string capture_directory;
  std::uint32_t max_profile_hz = 999;
  std::uint32_t stack_bytes = 64 * 1024;
  bool is_profiled_continuously = false;
  std::string user;
  std::string log_level = "info";
  std::string log_format = "text";
};

// What these options mean. Fails only where they can't be understood: nothing is asked of the
// system.
base::Result<agent::Config> agent_config(const ProcessOptions& process,
                                         const ServeOptions& options);

// Becomes the user of --user, if there is one, and gives him the directories that are written to.
// Before any thread is started, and so before the log.
base::Result<void> become_user(const ProcessOptions& process, const ServeOptions& options);

// Returns when SIGINT or SIGTERM comes, or the terminal goes away. SIGHUP that somebody sends reads
// the web config again.
base::Result<int> run_serve(const ProcessOptions& process, const ServeOptions& options);

}  // namespace command
