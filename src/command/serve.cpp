#include "command/serve.h"

#include <csignal>
#include <utility>

#include "agent/agent.h"
#include "base/log.h"
#include "command/end_signals.h"
#include "command/overhead_share.h"
#include "privilege/identity.h"

namespace command {
namespace {

target::Selection selection_of(const ProcessOptions& process, const ServeOptions& options) {
  target::Selection selection;
  if (process.pid > 0) selection.one = {process.pid};
  selection.executables = options.executables;
  selection.names = options.names;
  selection.cgroups = options.cgroups;
  selection.units = options.units;
  return selection;
}

}  // namespace

base::Result<agent::Config> agent_config(const ProcessOptions& process,
                                         const ServeOptions& options) {
  agent::Config config;
  config.watch.layouts = process.layouts;
  config.watch.version = VALKYRIA_VERSION;
  config.watch.selection = selection_of(process, options);
  if (auto checked = target::check(config.watch.selection); !checked) {
    return base::pass_on(checked);
  }
  config.watch.max_targets = options.max_targets;
  config.watch.proc_root = process.proc_root;
  auto name_from = target::parse_name_sources(options.name_from);
  if (!name_from) return base::pass_on(name_from);
  config.watch.name_from = std::move(*name_from);
  auto groups = probe::parse_groups(options.probes);
  if (!groups) return base::pass_on(groups);
  config.watch.groups = std::move(*groups);
  const auto max_overhead = parse_overhead_share(options.max_overhead);
  if (!max_overhead) return base::pass_on(max_overhead);
  config.watch.max_overhead = *max_overhead;
  config.watch.profile = {options.max_profile_hz, options.stack_bytes,
                          options.is_profiled_continuously};
  config.web.addresses.clear();
  for (const std::string& text : options.listen_addresses) {
    auto address = http::parse_listen_address(text);
    if (!address) return base::pass_on(address);
    config.web.addresses.push_back(std::move(*address));
  }
  if (!options.telemetry_path.starts_with('/')) {
    return base::fail("telemetry path \"{}\": must begin with /", options.telemetry_path);
  }
  config.web.telemetry_path = options.telemetry_path;
  auto rules = timeline::parse_capture_rules(options.capture_rules);
  if (!rules) return base::pass_on(rules);
  config.capture = {std::move(*rules), options.capture_directory};
  return config;
}

base::Result<void> become_user(const ProcessOptions& process, const ServeOptions& options) {
  if (options.user.empty()) return {};
  for (const std::string& directory :
       {process.layouts.cache_directory, options.capture_directory}) {
    if (directory.empty()) continue;
    if (auto handed = privilege::hand_over(directory, options.user); !handed) return handed;
  }
  return privilege::become_user(options.user);
}

base::Result<int> run_serve(const ProcessOptions& process, const ServeOptions& options) {
  const auto config = agent_config(process, options);
  if (!config) return base::pass_on(config);
  const sigset_t signals = block_end_signals();
  auto agent = agent::Agent::start(*config);
  if (!agent) return base::pass_on(agent);
  for (const http::ListenAddress& address : (*agent)->addresses()) {
    base::log_info("serving on http://{}{}", text_of(address), config->web.telemetry_path);
  }
  int signal = 0;
  sigwait(&signals, &signal);
  base::log_info("stopping on {}", signal == SIGINT ? "SIGINT" : "SIGTERM");
  return 0;
}

}  // namespace command
