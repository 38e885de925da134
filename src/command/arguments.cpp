// The options of all commands. They stand in one file, since CLI11 takes ten seconds to compile.
#include "command/arguments.h"

#include <fmt/core.h>

#include <CLI/CLI.hpp>
#include <charconv>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "base/one_line.h"
#include "command/build_facts.h"
#include "command/command_tree.h"
#include "command/option_walk.h"
#include "command/usage_fault.h"
#include "layout/layout_resolution.h"
#include "model/profile_request.h"
#include "probe/contract.h"
#include "probe/limits.h"
#include "probe/sampler.h"
#include "profile/unwind_process.h"

namespace command {
namespace {

constexpr const char* kProgram = "valkyria_exporter";
constexpr const char* kDescription =
    "Watches running Valkyria processes from outside and serves their metrics to Prometheus: "
    "attaches, without stopping them, serves on --web.listen-address until SIGTERM or Ctrl-C, and "
    "takes everything out again. Without --pid, --exe, --name, --unit or --cgroup: every process "
    "that has the probes or is a runtime that we know. Needs root, or the capabilities that doctor "
    "names.\n"
    "Exits with 0, with 1 where something failed, and with 2 where the command line can't be "
    "understood.";

// An unset variable in a unit file must not mean something else.
const CLI::Validator& not_empty() {
  static const CLI::Validator validator(
      [](const std::string& value) {
        return value.empty() ? std::string(
                                   "is empty (a variable that is not set?): give a value, or leave "
                                   "the option out")
                             : std::string();
      },
      "");
  return validator;
}

const CLI::Validator& is_pid() {
  static const CLI::Validator validator(
      [](const std::string& value) {
        int pid = 0;
        const char* const end = value.data() + value.size();
        const auto [rest, error] = std::from_chars(value.data(), end, pid);
        const bool is_one = error == std::errc() && rest == end && pid > 0;
        return is_one ? std::string()
                      : fmt::format("\"{}\" is no pid: give a number above 0", value);
      },
      "");
  return validator;
}

CLI::Option* add_pid(CLI::App& app, ProcessOptions& options, const std::string& help) {
  return app.add_option("--pid", options.pid, help)->check(is_pid());
}

// What everybody needs who looks at processes: where they are, and how their memory is laid out.
void add_layout_options(CLI::App& app, ProcessOptions& options) {
  app.add_option("--path.procfs", options.proc_root,
                 "Where the processes are told of: a /proc of our own pid namespace")
      ->check(not_empty())
      ->capture_default_str();
  app.add_option("--layout", options.layouts.layout_file,
                 "Layout file (made by resolve) for a stripped binary of the same build id")
      ->check(not_empty());
  app.add_option("--cache-dir", options.layouts.cache_directory,
                 "Where resolved layouts are kept; safe to delete, empty for nowhere")
      ->capture_default_str();
  app.add_option("--debug-dir", options.layouts.debug_directories,
                 "Directory with separate debug files by build id, before /usr/lib/debug; "
                 "repeatable")
      ->check(not_empty())
      ->allow_extra_args(false);
}

// Each group with its cost class and when it costs a hit.
std::string probes_help() {
  std::string help = "Probe groups to attach, separated by commas:";
  for (const probe::GroupSpec& group : probe::groups()) {
    help += fmt::format("\n{:<10} {:<6} {}{}", group.name, name_of(group.cost), group.hits,
                        group.by_default ? "" : " (off by default)");
  }
  return help + "\n";
}

constexpr std::uint32_t kMaxHz = 10'000;

void add_stack_bytes(CLI::App& app, std::uint32_t& bytes) {
  app.add_option("--stack-bytes", bytes,
                 "What a profile copies of a stack with each sample; longer ones end in "
                 "[truncated]")
      ->check(CLI::Range(4'096U, probe::kMaxStackBytes))
      ->capture_default_str();
}

// Kinds of selecting, each repeatable. Of several kinds all must fit, of one kind any.
std::vector<CLI::Option*> add_selection(CLI::App& app, CLI::Option* pid, ServeOptions& options,
                                        const std::string& verb) {
  const auto add = [&](const char* name, std::vector<std::string>& values, const char* whom) {
    return app.add_option(name, values, fmt::format("{} every process {}; repeatable", verb, whom))
        ->check(not_empty())
        ->allow_extra_args(false)
        ->excludes(pid);
  };
  return {
      add("--exe", options.executables, "that runs this file, also those that start later"),
      add("--name", options.names,
          "of this name (comm; if longer than 15 bytes, the file name in argv[0]) that has "
          "probes or is a runtime that we know"),
      add("--unit", options.units, "of a systemd service that fits this pattern (as of a shell)"),
      add("--cgroup", options.cgroups,
          "in a control group whose path fits this pattern, whose * also means /")};
}

void add_web(CLI::App& app, ServeOptions& options) {
  auto* addresses =
      app.add_option("--web.listen-address", options.listen_addresses,
                     "Address to serve on, as HOST:PORT; a name means all of its addresses, :PORT "
                     "all interfaces; port 0 takes a free one; repeatable")
          ->allow_extra_args(false)
          ->capture_default_str();
  app.add_flag("--web.systemd-socket", options.takes_systemd_sockets,
               "Serve on the sockets that systemd hands over (a unit with a .socket), in place of "
               "addresses")
      ->excludes(addresses);
  app.add_option("--web.telemetry-path", options.telemetry_path, "Path of the metrics")
      ->check(not_empty())
      ->capture_default_str();
  app.add_option("--web.config.file", options.web_config_file,
                 "TLS, passwords and fields of answers, in the form that exporters of Prometheus "
                 "have; read again when it changes, and on SIGHUP")
      ->check(not_empty());
  app.add_option("--web.max-requests", options.max_web_requests,
                 "Scrapes at a time, past which they get 503; 0: no limit")
      ->check(CLI::Range(0, 1'000'000))
      ->capture_default_str();
  app.add_flag("--web.enable-debug", options.is_debug_enabled,
               "Serve /debug/ to everybody who reaches an address, not only on loopback, or over "
               "TLS to who has authenticated");
}

// They stand at the program itself, and may follow "serve" too.
void add_serve(CLI::App& app, ProcessOptions& process, ServeOptions& options) {
  app.set_version_flag("--version", version_text());
  add_selection(app, add_pid(app, process, "Watch this one process"), options, "Watch");
  app.add_option("--max-targets", options.max_targets,
                 "Watch at most so many processes at a time; root's and those of --unit come first")
      ->check(CLI::Range(1U, probe::kMostTargets))
      ->capture_default_str();
  app.add_option(
         "--name-from", options.name_from,
         "What the label \"process\" of a process comes from: unit, container, port, script, "
         "comm and env:NAME, separated by commas; the first that there is")
      ->capture_default_str();
  app.add_option("--probes", options.probes, probes_help())->capture_default_str();
  app.add_option("--overhead.max", options.max_overhead,
                 "What probes may cost a process, of its CPU time or of one CPU, whichever is "
                 "more: SHARE such as 1% or 0.01. Above it for 10 s, the most expensive group "
                 "that is not light is taken out, until it would fit in for 5 minutes. off: no "
                 "limit")
      ->capture_default_str();
  add_web(app, options);
  app.add_option("--capture.when", options.capture_rules,
                 "Keep the last 30 s of a process when this happens to it: 'gc_pause > 50ms', "
                 "'loop_stall > 200ms', 'gc_pause_share > 20% for 10s' or 'target_down'; "
                 "repeatable. The newest 16 are at /debug/captures")
      ->allow_extra_args(false);
  app.add_option("--capture.dir", options.capture_directory,
                 "Directory that keeps captures over a restart; without it they are in memory")
      ->check(not_empty());
  app.add_option("--profile.max-hz", options.max_profile_hz,
                 "The most samples a second that a profile may ask for")
      ->check(CLI::Range(1U, kMaxHz))
      ->capture_default_str();
  app.add_flag("--profile.continuous", options.is_profiled_continuously,
               "Profile always, 19 times a second, and keep the last hour, a profile a minute: "
               "/debug/profiles. The first 4 processes");
  add_stack_bytes(app, options.stack_bytes);
  app.add_option(
      "--user", options.user,
      "Become this user at once, with the capabilities that it needs; start it as root. He "
      "gets the directories of --cache-dir and --capture.dir");
  app.add_option("--log.level", options.log_level, "debug, info, warn or error")
      ->check(CLI::IsMember({"debug", "info", "warn", "error"}))
      ->capture_default_str();
  app.add_option("--log.format", options.log_format, "text or json")
      ->check(CLI::IsMember({"text", "json"}))
      ->capture_default_str();
  add_layout_options(app, process);
  app.add_subcommand(kServe, "Attach and serve (the default); serve --help lists its options")
      ->fallthrough()
      ->set_help_flag();
}

CLI::App* add_doctor(CLI::App& app, ProcessOptions& process, DoctorOptions& options) {
  CLI::App* command = app.add_subcommand(
      "doctor",
      "Check whether this machine, and with --pid this process, can be watched; without --pid, "
      "tell who would be watched, and why others are not. Exits with 1 where something can't be, "
      "and says what to do. Options of serve before the word doctor are checked, too");
  add_pid(*command, process, "Check this process too: attaches to it for a moment");
  command->add_option("--format", options.format, "text or json")
      ->check(CLI::IsMember({"text", "json"}))
      ->capture_default_str();
  add_layout_options(*command, process);
  return command;
}

CLI::App* add_probes(CLI::App& app, ProcessOptions& process, ProbesOptions& options) {
  CLI::App* command =
      app.add_subcommand("probes", "List the probes of a process; attaches nothing");
  add_pid(*command, process, "The process");
  command->add_option("--format", options.format, "text or json")
      ->check(CLI::IsMember({"text", "json"}))
      ->capture_default_str();
  add_layout_options(*command, process);
  return command;
}

CLI::App* add_dump(CLI::App& app, ProcessOptions& process, DumpOptions& options) {
  CLI::App* command = app.add_subcommand(
      "dump", "Print one snapshot of a process; with --seconds, of what it does for that long");
  add_pid(*command, process, "The process");
  add_layout_options(*command, process);
  command
      ->add_option("--seconds", options.seconds,
                   "Attach, and wait for so long; else attach nothing")
      ->check(CLI::Range(1, 86'400));
  command->add_option("--format", options.format, "prometheus or json")
      ->check(CLI::IsMember({"prometheus", "json"}))
      ->capture_default_str();
  return command;
}

CLI::App* add_top(CLI::App& app, Arguments& arguments) {
  TopOptions& options = arguments.top;
  CLI::App* command = app.add_subcommand(
      "top",
      "Show a process in this terminal, anew each second: health, last pauses, heap, AIO systems, "
      "servers and clients. From a running exporter, or with --pid, --exe or --name attaching by "
      "itself. Keys: q ends, arrows and Enter choose a process");
  auto* url = command
                  ->add_option("URL", options.url,
                               "Whom to ask, as http://HOST:PORT; with a path, where its metrics "
                               "are (/metrics otherwise)")
                  ->type_name("")
                  ->capture_default_str();
  auto* pid = add_pid(*command, arguments.process, "Attach to this process, and ask nobody");
  url->excludes(pid);
  for (auto* selecting : add_selection(*command, pid, arguments.serve, "Attach to")) {
    url->excludes(selecting);
  }
  command
      ->add_option("--process", options.process,
                   "Of several processes, the one of this name (the label \"process\")")
      ->excludes(pid);
  command->add_flag("--once", options.once,
                    "Print one page, with rates between two samples a second apart, and end");
  add_layout_options(*command, arguments.process);
  return command;
}

CLI::App* add_profile(CLI::App& app, ProcessOptions& process, ProfileOptions& options) {
  CLI::App* command = app.add_subcommand(
      "profile",
      "Where a process's CPU time goes, by its Lisp functions and its own code: samples its stacks "
      "for a while and writes a flame graph or another format. Ctrl-C ends it with what there is");
  add_pid(*command, process, "The process");
  command->add_option("--seconds", options.seconds, "For so long")
      ->check(CLI::Range(1, static_cast<int>(model::kMaxProfileDuration.count())))
      ->capture_default_str();
  command->add_option("--hz", options.hz, "Samples a second of a thread that runs")
      ->check(CLI::Range(1U, kMaxHz))
      ->capture_default_str();
  command
      ->add_option("--format", options.format,
                   "flamegraph (a page that opens from disk), pprof (for go tool pprof), folded or "
                   "speedscope; otherwise by the ending of FILE: .html, .pb.gz, .folded, .json")
      ->check(CLI::IsMember({"flamegraph", "pprof", "folded", "speedscope"}));
  command
      ->add_option("-o,--output", options.output,
                   "The file to write, or - for stdout; otherwise profile-PID-TIME.html")
      ->check(not_empty());
  add_stack_bytes(*command, options.stack_bytes);
  add_layout_options(*command, process);
  return command;
}

void add_debug_directories(CLI::App& command, ResolveOptions& options) {
  command
      .add_option("--debug-dir", options.debug_directories,
                  "Directory with separate debug files by build id; repeatable")
      ->check(not_empty())
      ->allow_extra_args(false);
}

CLI::App* add_resolve(CLI::App& app, ResolveOptions& options) {
  CLI::App* resolve = app.add_subcommand(
      "resolve",
      "Make a layout file from a build with debug information, for --layout with a stripped one");
  resolve->add_option("--exe", options.executable, "The build with debug information")
      ->check(not_empty())
      ->required();
  resolve->add_option("-o,--output", options.output, "The file to write; without it, stdout")
      ->check(not_empty());
  add_debug_directories(*resolve, options);
  return resolve;
}

CLI::App* add_resolve_confined(CLI::App& app, ResolveOptions& options) {
  CLI::App* confined = app.add_subcommand(layout::kResolveConfined)->group("");
  confined->add_option(layout::kResolveName, options.name);
  return confined;
}

CLI::App* add_unwind_confined(CLI::App& app, std::size_t& files) {
  CLI::App* confined = app.add_subcommand(profile::kUnwindConfined)->group("");
  confined->add_option("files", files)->required();
  return confined;
}

using Subcommand = std::pair<CLI::App*, Command>;

std::vector<Subcommand> add_all(CLI::App& app, Arguments& arguments) {
  add_serve(app, arguments.process, arguments.serve);
  std::vector<Subcommand> subcommands{
      {add_doctor(app, arguments.process, arguments.doctor), Command::kDoctor},
      {add_probes(app, arguments.process, arguments.probes), Command::kProbes},
      {add_dump(app, arguments.process, arguments.dump), Command::kDump},
      {add_top(app, arguments), Command::kTop},
      {add_profile(app, arguments.process, arguments.profile), Command::kProfile},
      {add_resolve(app, arguments.resolve), Command::kResolve},
      {add_resolve_confined(app, arguments.resolve), Command::kResolveConfined},
      {add_unwind_confined(app, arguments.unwind_files), Command::kUnwindConfined}};
  app.require_subcommand(0, 1);
  return subcommands;
}

// Help or the version. Of "serve", whose options stand at the program itself, all of it.
int answer(const CLI::App& app, const CLI::Success& asked) {
  const bool is_help = dynamic_cast<const CLI::CallForHelp*>(&asked) != nullptr;
  const auto parsed = app.get_subcommands();
  if (!is_help || parsed.empty() || parsed.front()->get_name() != kServe) return app.exit(asked);
  fmt::print("{}",
             app.get_formatter()->make_help(&app, app.get_name(), CLI::AppFormatMode::Normal));
  return 0;
}

}  // namespace

CommandTree command_tree() {
  CLI::App app(kDescription, kProgram);
  Arguments arguments;
  add_all(app, arguments);
  return describe(app);
}

std::variant<Arguments, int> parse_arguments(int argc, char** argv) {
  CLI::App app(kDescription, kProgram);
  Arguments arguments;
  const std::vector<Subcommand> subcommands = add_all(app, arguments);
  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& asked) {
    return answer(app, asked);
  } catch (const CLI::ParseError& error) {
    fmt::print(stderr, "valkyria_exporter: {}\n", base::one_line(fault_of(app, error)));
    return kUsageError;
  }
  for (const auto& [subcommand, command] : subcommands) {
    if (subcommand->parsed()) arguments.command = command;
  }
  return arguments;
}

}  // namespace command
