#include "command/serve.h"

#include <csignal>
#include <utility>

#include "agent/agent.h"
#include "base/log.h"
#include "command/end_signals.h"
#include "command/overhead_share.h"

namespace command {
namespace {

target::Selection selection_of(const ProcessOptions& process, const ServeOptions& options) {
  if (process.pid > 0) return target::OneProcess{process.pid};
  if (!options.executable.empty()) return target::ByExecutable{options.executable};
  if (!options.names.empty()) return target::ByName{options.names};
  return target::Everything{};
}

void tell_addresses(const agent::Agent& agent, const std::string& telemetry_path) {
  for (const http::ListenAddress& address : agent.addresses()) {
    const std::string text = text_of(address);
    if (text.starts_with("unix:")) {
      base::log_info("serving on {}", text);
    } else {
      base::log_info("serving on {}://{}{}", agent.serves_tls() ? "https" : "http", text,
                     telemetry_path);
    }
  }
}

// The name of the signal that ended it.
const char* wait_for_end(const sigset_t& signals, agent::Agent& agent) {
  for (;;) {
    siginfo_t told{};
    const int signal = sigwaitinfo(&signals, &told);
    if (signal == SIGINT) return "SIGINT";
    if (signal == SIGTERM) return "SIGTERM";
    if (signal != SIGHUP) continue;
    // The kernel sends it when the terminal goes.
    if (told.si_code > 0) return "SIGHUP: its terminal is gone";
    if (!agent.reload_web_config()) {
      base::log_info("SIGHUP: there is no --web.config.file to read again");
    }
  }
}

}  // namespace

base::Result<agent::Config> agent_config(const ProcessOptions& process,
                                         const ServeOptions& options) {
  agent::Config config;
  config.watch.layouts = process.layouts;
  config.watch.version = VALKYRIA_VERSION;
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
  config.web.max_scrapes = options.max_web_requests;
  config.web.serves_debug_everywhere = options.is_debug_enabled;
  if (options.takes_systemd_sockets) {
    config.web.handed_sockets = http::handed_sockets_of_environment();
  }
  config.web_config_file = options.web_config_file;
  auto rules = timeline::parse_capture_rules(options.capture_rules);
  if (!rules) return base::pass_on(rules);
  config.capture = {std::move(*rules), options.capture_directory};
  return config;
}

base::Result<int> run_serve(const ProcessOptions& process, const ServeOptions& options) {
  const auto config = agent_config(process, options);
  if (!config) return base::pass_on(config);
  sigset_t signals = block_end_signals();
  block_also(signals, SIGHUP);
  auto agent = agent::Agent::start(*config);
  if (!agent) return base::pass_on(agent);
  tell_addresses(**agent, config->web.telemetry_path);
  base::log_info("stopping on {}", wait_for_end(signals, **agent));
  return 0;
}

}  // namespace command
