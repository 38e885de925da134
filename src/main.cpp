// Arguments to a configuration to an agent.
#include <spdlog/spdlog.h>
#include <CLI/CLI.hpp>

#include <csignal>
#include <cstdio>
#include <string>
#include <utility>

#include "agent/agent.h"
#include "base/log.h"
#include "inspect.h"
#include "resolve.h"

namespace {

struct Options {
  int pid = 0;
  std::string executable;
  std::vector<std::string> names;
  std::string probes = probe::default_groups();
  std::string listen_address = "127.0.0.1:18255";
  std::string telemetry_path = "/metrics";
  std::string log_level = "info";
  std::string log_format = "text";
};

// Each group with its cost class and when it costs a hit.
std::string probes_help() {
  std::string help = "Probe groups to attach, separated by commas:";
  for (const probe::GroupSpec& group : probe::groups()) {
    help += fmt::format("\n{:<10} {:<6} {}{}", group.name, name_of(group.cost), group.hits,
                        group.by_default ? "" : " (off by default)");
  }
  return help + "\n";
}

void add_options(CLI::App& app, Options& options) {
  app.set_version_flag("--version", std::string("valkyria_exporter ") + VALKYRIA_VERSION);
  auto* pid =
      app.add_option("--pid", options.pid, "Watch this one process")->check(CLI::PositiveNumber);
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
  app.add_option("--web.listen-address", options.listen_address,
                 "Address to serve on, as HOST:PORT; port 0 takes a free one")
      ->capture_default_str();
  app.add_option("--web.telemetry-path", options.telemetry_path, "Path of the metrics")
      ->capture_default_str();
  app.add_option("--log.level", options.log_level, "debug, info, warn or error")
      ->capture_default_str();
  app.add_option("--log.format", options.log_format, "text or json")->capture_default_str();
  app.add_subcommand("serve", "Attach and serve (the default)")->fallthrough();
  app.require_subcommand(0, 1);
}

target::Selection selection_of(const Options& options) {
  if (options.pid > 0) return target::OneProcess{options.pid};
  if (!options.executable.empty()) return target::ByExecutable{options.executable};
  if (!options.names.empty()) return target::ByName{options.names};
  return target::Everything{};
}

base::Result<agent::Config> to_config(const Options& options, const layout::Config& layouts) {
  agent::Config config;
  config.watch.layouts = layouts;
  config.watch.version = VALKYRIA_VERSION;
  config.watch.selection = selection_of(options);
  auto groups = probe::parse_groups(options.probes);
  if (!groups) return base::pass_on(groups);
  config.watch.groups = std::move(*groups);
  auto address = http::parse_listen_address(options.listen_address);
  if (!address) return base::pass_on(address);
  config.web.address = std::move(*address);
  if (!options.telemetry_path.starts_with('/')) {
    return base::fail("telemetry path \"{}\": must begin with /", options.telemetry_path);
  }
  config.web.telemetry_path = options.telemetry_path;
  return config;
}

// The signals that end us. Blocked before any thread starts, so that only wait_for_end takes them.
sigset_t block_end_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  for (const int signal : {SIGINT, SIGTERM}) {
    // A shell may start us with SIGINT ignored; an ignored signal would never arrive.
    std::signal(signal, SIG_DFL);
    sigaddset(&signals, signal);
  }
  std::signal(SIGPIPE, SIG_IGN);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  return signals;
}

base::Result<void> serve(const Options& options, const layout::Config& layouts) {
  const auto config = to_config(options, layouts);
  if (!config) return base::pass_on(config);
  const sigset_t signals = block_end_signals();
  auto agent = agent::Agent::start(*config);
  if (!agent) return base::pass_on(agent);
  spdlog::info("serving on http://{}{}", (*agent)->address(), config->web.telemetry_path);
  int signal = 0;
  sigwait(&signals, &signal);
  spdlog::info("stopping on {}", signal == SIGINT ? "SIGINT" : "SIGTERM");
  return {};
}

int run(const Options& options, const layout::Config& layouts) {
  const auto log = base::Log::start(options.log_level, options.log_format);
  if (!log) {
    std::fprintf(stderr, "valkyria_exporter: %s\n", log.error().message.c_str());
    return 1;
  }
  const auto served = serve(options, layouts);
  // By the log: its reader may have stalled, and what was logged stands before.
  if (!served) (*log)->write_line("valkyria_exporter: " + served.error().message);
  return served ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app(
      "Watches running Valkyria processes from outside and serves their metrics. Without "
      "--pid, --exe or --name: every process that has the probes or is a runtime that we know.",
      "valkyria_exporter");
  Options options;
  add_options(app, options);
  InspectOptions inspect;
  add_layout_options(app, inspect.layouts);
  add_inspect_commands(app, inspect);
  ResolveOptions resolve;
  add_resolve_commands(app, resolve);
  CLI11_PARSE(app, argc, argv);
  if (const auto status = run_resolve_command(app, resolve)) return *status;
  if (const auto status = run_inspect_command(app, inspect, options.pid)) return *status;
  return run(options, inspect.layouts);
}
