#include "command/serve.h"

#include <csignal>
#include <utility>

#include "agent/agent.h"
#include "base/log.h"
#include "command/build_facts.h"
#include "command/end_signals.h"
#include "command/overhead_share.h"
#include "command/start_line.h"

namespace command {
namespace {

target::Selection selection_of(const ProcessOptions& process, const ServeOptions& options) {
  if (process.pid > 0) return target::OneProcess{process.pid};
  if (!options.executable.empty()) return target::ByExecutable{options.executable};
  if (!options.names.empty()) return target::ByName{options.names};
  return target::Everything{};
}

}  // namespace

base::Result<agent::Config> agent_config(const ProcessOptions& process,
                                         const ServeOptions& options) {
  agent::Config config;
  config.watch.layouts = process.layouts;
  config.watch.version = version();
  config.watch.revision = revision();
  config.watch.selection = selection_of(process, options);
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

namespace {

std::vector<std::string> urls_of(const agent::Agent& agent, const std::string& path) {
  std::vector<std::string> urls;
  for (const http::ListenAddress& address : agent.addresses()) {
    urls.push_back(fmt::format("http://{}{}", text_of(address), path));
  }
  return urls;
}

// What SIGHUP asks for. Without a web configuration there is nothing to read again.
void reload() {
  base::log_info("SIGHUP: there is no configuration file to read again");
}

}  // namespace

base::Result<int> run_serve(const ProcessOptions& process, const ServeOptions& options) {
  const auto config = agent_config(process, options);
  if (!config) return base::pass_on(config);
  const sigset_t signals = block_serve_signals();
  auto agent = agent::Agent::start(*config);
  if (!agent) return base::pass_on(agent);
  base::log_info("{}",
                 start_line(config->watch.selection, urls_of(**agent, config->web.telemetry_path)));
  int signal = SIGHUP;
  while (signal == SIGHUP) {
    sigwait(&signals, &signal);
    if (signal == SIGHUP) reload();
  }
  base::log_info("stopping on {}", signal == SIGINT ? "SIGINT" : "SIGTERM");
  return 0;
}

}  // namespace command
