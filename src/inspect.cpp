#include "inspect.h"

#include <csignal>
#include <cstdio>

#include "base/log.h"
#include "expose/doctor_report.h"
#include "expose/families.h"
#include "expose/json.h"
#include "expose/probe_listing.h"
#include "expose/text.h"
#include "inspect/doctor.h"
#include "inspect/dump.h"
#include "inspect/probe_listing.h"

namespace {

void add_command(CLI::App& app, InspectOptions& options, const char* name, const char* does,
                 const char* pid_help) {
  CLI::App* command = app.add_subcommand(name, does);
  command->add_option("--pid", options.pid, pid_help)->check(CLI::PositiveNumber);
  command->add_option("--format", options.format, "text or json")
      ->check(CLI::IsMember({"text", "json"}))
      ->capture_default_str();
  add_layout_options(*command, options.layouts);
}

// An answer that got lost on its way must not look like a good one.
bool print(const std::string& answer) {
  const bool written = std::fwrite(answer.data(), 1, answer.size(), stdout) == answer.size();
  if (written && std::fflush(stdout) == 0) return true;
  std::perror("valkyria_exporter: write to stdout");
  return false;
}

int run_doctor(const InspectOptions& options) {
  const model::DoctorReport report = inspect::diagnose(
      options.pid > 0 ? std::optional(options.pid) : std::nullopt, options.layouts);
  const bool printed = print(options.format == "json" ? expose::write_doctor_json(report)
                                                      : expose::write_doctor_text(report));
  return printed && report.ok() ? 0 : 1;
}

int run_probes(const InspectOptions& options) {
  if (options.pid <= 0) {
    std::fputs("valkyria_exporter: probes of which process? give --pid N\n", stderr);
    return 1;
  }
  const auto listed = inspect::list_probes(options.pid, options.layouts);
  if (!listed) {
    std::fprintf(stderr, "valkyria_exporter: %s\n", listed.error().message.c_str());
    return 1;
  }
  return print(options.format == "json" ? expose::write_probes_json(*listed)
                                        : expose::write_probes_text(*listed))
             ? 0
             : 1;
}

int run_dump(const InspectOptions& options) {
  if (options.pid <= 0) {
    std::fputs("valkyria_exporter: dump of which process? give --pid N\n", stderr);
    return 1;
  }
  watch::Config config;
  config.version = VALKYRIA_VERSION;
  config.selection = target::OneProcess{options.pid};
  config.layouts = options.layouts;
  config.groups = *probe::parse_groups(probe::default_groups());
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  const auto snapshot = inspect::take_snapshot(config, std::chrono::seconds(options.seconds));
  if (!snapshot) {
    std::fprintf(stderr, "valkyria_exporter: %s\n", snapshot.error().message.c_str());
    return 1;
  }
  const std::string text = options.dump_format == "json"
                               ? expose::write_json(*snapshot, snapshot->targets.front()) + "\n"
                               : expose::write_text(expose::families_of(*snapshot));
  return print(text) ? 0 : 1;
}

void add_dump(CLI::App& app, InspectOptions& options) {
  CLI::App* command = app.add_subcommand(
      "dump", "Print one snapshot of a process; with --seconds, of what it does for that long");
  command->add_option("--pid", options.pid, "The process")->check(CLI::PositiveNumber);
  add_layout_options(*command, options.layouts);
  command
      ->add_option("--seconds", options.seconds,
                   "Attach, and wait for so long; else attach nothing")
      ->check(CLI::Range(1, 86'400));
  command->add_option("--format", options.dump_format, "prometheus or json")
      ->check(CLI::IsMember({"prometheus", "json"}))
      ->capture_default_str();
}

}  // namespace

void add_layout_options(CLI::App& app, layout::Config& layouts) {
  app.add_option("--layout", layouts.layout_file,
                 "Layout file (made by resolve) for a stripped binary of the same build id");
  app.add_option("--cache-dir", layouts.cache_directory,
                 "Where resolved layouts are kept; safe to delete, empty for nowhere")
      ->capture_default_str();
  app.add_option("--debug-dir", layouts.debug_directories,
                 "Directory with separate debug files by build id, before /usr/lib/debug; "
                 "repeatable")
      ->allow_extra_args(false);
}

void add_inspect_commands(CLI::App& app, InspectOptions& options) {
  add_command(app, options, "doctor",
              "Check whether this machine, and with --pid this process, can be watched; exits with "
              "1 where not, and says what to do",
              "Check this process too: attaches to it for a moment");
  add_command(app, options, "probes", "List the probes of a process; attaches nothing",
              "The process");
  add_dump(app, options);
}

std::optional<int> run_inspect_command(const CLI::App& app, InspectOptions options, int pid) {
  const bool doctor = app.got_subcommand("doctor");
  const bool dump = app.got_subcommand("dump");
  if (!doctor && !dump && !app.got_subcommand("probes")) return std::nullopt;
  if (app.get_option("--exe")->count() > 0) {
    std::fputs("valkyria_exporter: doctor, probes and dump look at one process: give --pid N\n",
               stderr);
    return 1;
  }
  if (options.pid == 0) options.pid = pid;
  // What is worth a warning goes to stderr: stdout is for the answer alone.
  const auto log = base::Log::start("warn", "text");
  if (!log) return 1;
  if (dump) return run_dump(options);
  return doctor ? run_doctor(options) : run_probes(options);
}
