#include "command/serve.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <csignal>
#include <utility>

#include "agent/agent.h"
#include "command/end_signals.h"

namespace command {
namespace {

// Each group with its cost class and when it costs a hit.
std::string probes_help() {
  std::string help = "Probe groups to attach, separated by commas:";
  for (const probe::GroupSpec& group : probe::groups()) {
    help += fmt::format("\n{:<10} {:<6} {}{}", group.name, name_of(group.cost), group.hits,
                        group.by_default ? "" : " (off by default)");
  }
  return help + "\n";
}

target::Selection selection_of(const ProcessOptions& process, const ServeOptions& options) {
  if (process.pid > 0) return target::OneProcess{process.pid};
  if (!options.executable.empty()) return target::ByExecutable{options.executable};
  if (!options.names.empty()) return target::ByName{options.names};
  return target::Everything{};
}

base::Result<agent::Config> to_config(const ProcessOptions& process, const ServeOptions& options) {
  agent::Config config;
  config.watch.layouts = process.layouts;
  config.watch.version = VALKYRIA_VERSION;
  config.watch.selection = selection_of(process, options);
  auto groups = probe::parse_groups(options.probes);
  if (!groups) return base::pass_on(groups);
  config.watch.groups = std::move(*groups);
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
  return config;
}

}  // namespace

CLI::App* add_serve(CLI::App& app, ProcessOptions& process, ServeOptions& options) {
  app.set_version_flag("--version", std::string("valkyria_exporter ") + VALKYRIA_VERSION);
  auto* pid = add_pid(app, process, "Watch this one process");
  auto* executable =
      app.add_option("--exe", options.executable,
                     "Watch every process that runs this file, also those that start later");
  auto* name =
      app.add_option("--name", options.names,
                     "Watch every process of this name (comm) that has probes or is a runtime "
                     "that we know; repeatable")
          ->allow_extra_args(false);
  pid->excludes(executable)->excludes(name);
  executable->excludes(name);
  app.add_option("--probes", options.probes, probes_help())->capture_default_str();
  app.add_option("--web.listen-address", options.listen_addresses,
                 "Address to serve on, as HOST:PORT; port 0 takes a free one; repeatable")
      ->allow_extra_args(false)
      ->capture_default_str();
  app.add_option("--web.telemetry-path", options.telemetry_path, "Path of the metrics")
      ->capture_default_str();
  app.add_option("--log.level", options.log_level, "debug, info, warn or error")
      ->capture_default_str();
  app.add_option("--log.format", options.log_format, "text or json")->capture_default_str();
  add_layout_options(app, process);
  return app.add_subcommand("serve", "Attach and serve (the default)")->fallthrough();
}

base::Result<int> run_serve(const ProcessOptions& process, const ServeOptions& options) {
  const auto config = to_config(process, options);
  if (!config) return base::pass_on(config);
  const sigset_t signals = block_end_signals();
  auto agent = agent::Agent::start(*config);
  if (!agent) return base::pass_on(agent);
  for (const http::ListenAddress& address : (*agent)->addresses()) {
    spdlog::info("serving on http://{}{}", text_of(address), config->web.telemetry_path);
  }
  int signal = 0;
  sigwait(&signals, &signal);
  spdlog::info("stopping on {}", signal == SIGINT ? "SIGINT" : "SIGTERM");
  return 0;
}

}  // namespace command
