#include "command/command_line.h"

#include <CLI/CLI.hpp>

#include <cstdio>
#include <memory>

#include "base/log.h"
#include "base/result.h"
#include "command/doctor.h"
#include "command/dump.h"
#include "command/probes.h"
#include "command/process_options.h"
#include "command/resolve.h"
#include "command/serve.h"

namespace command {
namespace {

// What can be asked for. Options that several commands have may also stand before the command.
struct CommandLine {
  explicit CommandLine(CLI::App& app)
      : serve_command(add_serve(app, process, serve)),
        doctor_command(add_doctor(app, process, doctor)),
        probes_command(add_probes(app, process, probes)),
        dump_command(add_dump(app, process, dump)),
        resolve_command(add_resolve(app, resolve)),
        confined_command(add_resolve_confined(app, resolve)) {
    app.require_subcommand(0, 1);
  }

  bool serves() const { return !looks_once() && !resolve_command->parsed(); }
  bool looks_once() const {
    return doctor_command->parsed() || probes_command->parsed() || dump_command->parsed();
  }

  ProcessOptions process;
  ServeOptions serve;
  DoctorOptions doctor;
  ProbesOptions probes;
  DumpOptions dump;
  ResolveOptions resolve;
  CLI::App* serve_command;
  CLI::App* doctor_command;
  CLI::App* probes_command;
  CLI::App* dump_command;
  CLI::App* resolve_command;
  CLI::App* confined_command;
};

base::Result<int> run_command(const CommandLine& asked) {
  if (asked.looks_once() && !asked.serve.executable.empty()) {
    return base::fail("doctor, probes and dump look at one process: give --pid N");
  }
  if (asked.doctor_command->parsed()) return run_doctor(asked.process, asked.doctor);
  if (asked.probes_command->parsed()) return run_probes(asked.process, asked.probes);
  if (asked.dump_command->parsed()) return run_dump(asked.process, asked.dump);
  if (asked.resolve_command->parsed()) return run_resolve(asked.resolve);
  return run_serve(asked.process, asked.serve);
}

// Of a command that looks once only what is worth a warning goes to stderr.
base::Result<std::unique_ptr<base::Log>> start_log(const CommandLine& asked) {
  return asked.serves() ? base::Log::start(asked.serve.log_level, asked.serve.log_format)
                        : base::Log::start("warn", "text");
}

}  // namespace

int run(int argc, char** argv) {
  CLI::App app(
      "Watches running Valkyria processes from outside and serves their metrics. Without "
      "--pid, --exe or --name: every process that has the probes or is a runtime that we know.",
      "valkyria_exporter");
  CommandLine asked(app);
  CLI11_PARSE(app, argc, argv);
  // Before anything is started: it may do nearly nothing.
  if (asked.confined_command->parsed()) return run_resolve_confined(asked.resolve);
  const auto log = start_log(asked);
  if (!log) {
    std::fprintf(stderr, "valkyria_exporter: %s\n", log.error().message.c_str());
    return 1;
  }
  const auto status = run_command(asked);
  // By the log: its reader may have stalled, and what was logged stands before.
  if (!status) (*log)->write_line("valkyria_exporter: " + status.error().message);
  return status ? *status : 1;
}

}  // namespace command
