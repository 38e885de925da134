#include "command/serve.h"

#include <fmt/core.h>

#include <csignal>
#include <memory>
#include <string>
#include <utility>

#include "agent/agent.h"
#include "base/log.h"
#include "command/build_facts.h"
#include "command/end_signals.h"
#include "command/overhead_share.h"
#include "command/start_line.h"
#include "privilege/identity.h"
#include "service/notifier.h"

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

std::string url_of(const agent::Agent& agent, const http::ListenAddress& address,
                   const std::string& telemetry_path) {
  std::string text = text_of(address);
  if (text.starts_with("unix:")) return text;
  return fmt::format("{}://{}{}", agent.serves_tls() ? "https" : "http", text, telemetry_path);
}

std::string status_of(const agent::Agent& agent, const std::string& telemetry_path) {
  const std::size_t watched = agent.watched_count();
  return fmt::format("watching {} process{}, serving on {}", watched, watched == 1 ? "" : "es",
                     url_of(agent, agent.addresses().front(), telemetry_path));
}

// None: no service manager wants to hear of us, or it can't be told, which is no reason not to
// serve.
std::unique_ptr<service::Notifier> start_notifier(const service::Environment& environment,
                                                  agent::Agent& agent,
                                                  const std::string& telemetry_path) {
  if (environment.notify_socket.empty()) return nullptr;
  auto notifier = service::Notifier::start(
      environment, {[&agent, telemetry_path] { return status_of(agent, telemetry_path); },
                    [&agent] { return agent.turns(); }, [&agent] { agent.wake(); }});
  if (notifier) return std::move(*notifier);
  base::log_warn("{}", notifier.error().message);
  return nullptr;
}

std::vector<std::string> urls_of(const agent::Agent& agent, const std::string& telemetry_path) {
  std::vector<std::string> urls;
  for (const http::ListenAddress& address : agent.addresses()) {
    urls.push_back(url_of(agent, address, telemetry_path));
  }
  return urls;
}

// What SIGHUP asks for, as the service manager wants to be told of it.
void reload(agent::Agent& agent, service::Notifier* notifier) {
  if (notifier != nullptr) notifier->tell_reloading();
  if (!agent.reload_web_config()) {
    base::log_info("SIGHUP: there is no --web.config.file to read again");
  }
  if (notifier != nullptr) notifier->tell_ready();
}

// What ended it, in words. `notifier` may be null.
const char* wait_for_end(const sigset_t& signals, agent::Agent& agent,
                         service::Notifier* notifier) {
  for (;;) {
    siginfo_t told{};
    const int signal = sigwaitinfo(&signals, &told);
    if (signal == SIGINT) return "SIGINT";
    if (signal == SIGTERM) return "SIGTERM";
    if (signal != SIGHUP) continue;
    // The kernel sends it when the terminal goes.
    if (told.si_code > 0) return "SIGHUP: its terminal is gone";
    reload(agent, notifier);
  }
}

}  // namespace

base::Result<agent::Config> agent_config(const ProcessOptions& process,
                                         const ServeOptions& options) {
  agent::Config config;
  config.watch.layouts = process.layouts;
  config.watch.version = version();
  config.watch.revision = revision();
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
  config.web.max_scrapes = options.max_web_requests;
  config.web.serves_debug_everywhere = options.is_debug_enabled;
  config.web_config_file = options.web_config_file;
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
  const service::Environment environment = service::read_environment();
  auto config = agent_config(process, options);
  if (!config) return base::pass_on(config);
  // Here alone: they are told once.
  if (options.takes_systemd_sockets) {
    config->web.handed_sockets = http::handed_sockets_of_environment();
  }
  const sigset_t signals = block_serve_signals();
  auto agent = agent::Agent::start(*config);
  if (!agent) return base::pass_on(agent);
  base::log_info("{}",
                 start_line(config->watch.selection, urls_of(**agent, config->web.telemetry_path)));
  const auto notifier = start_notifier(environment, **agent, config->web.telemetry_path);
  base::log_info("stopping on {}", wait_for_end(signals, **agent, notifier.get()));
  if (notifier) notifier->tell_stopping();
  return 0;
}

}  // namespace command
