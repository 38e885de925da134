#include "command/command_line.h"

#include <cstdio>
#include <memory>
#include <variant>

#include "base/log.h"
#include "base/result.h"
#include "command/arguments.h"

namespace command {
namespace {

bool looks_once(const Arguments& asked) {
  return asked.command == Command::kDoctor || asked.command == Command::kProbes ||
         asked.command == Command::kDump || asked.command == Command::kProfile;
}

base::Result<int> run_command(const Arguments& asked) {
  if (looks_once(asked) && !asked.serve.executables.empty()) {
    return base::fail("doctor, probes, dump and profile look at one process: give --pid N");
  }
  switch (asked.command) {
    case Command::kServe:
      return run_serve(asked.process, asked.serve);
    case Command::kDoctor:
      return run_doctor(asked.process, asked.doctor);
    case Command::kProbes:
      return run_probes(asked.process, asked.probes);
    case Command::kDump:
      return run_dump(asked.process, asked.dump);
    case Command::kTop:
      return run_top(asked.process, asked.serve, asked.top);
    case Command::kProfile:
      return run_profile(asked.process, asked.profile);
    case Command::kResolve:
      return run_resolve(asked.resolve);
    case Command::kResolveConfined:
    case Command::kUnwindConfined:
      break;
  }
  return base::fail("run a hidden command here: it runs before anything is started");
}

// Of a command that looks once only what is worth a warning goes to stderr.
base::Result<std::unique_ptr<base::Log>> start_log(const Arguments& asked) {
  return asked.command == Command::kServe
             ? base::Log::start(asked.serve.log_level, asked.serve.log_format)
             : base::Log::start("warn", "text");
}

}  // namespace

int run(int argc, char** argv) {
  const auto parsed = parse_arguments(argc, argv);
  if (const int* const status = std::get_if<int>(&parsed)) return *status;
  const auto& asked = std::get<Arguments>(parsed);
  // Before anything is started: it may do nearly nothing.
  if (asked.command == Command::kResolveConfined) return run_resolve_confined(asked.resolve);
  if (asked.command == Command::kUnwindConfined) return run_unwind_confined(asked.unwind_files);
  // What every thread is to be, before there are any.
  if (auto become = become_user(asked.process, asked.serve); !become) {
    std::fprintf(stderr, "valkyria_exporter: %s\n", become.error().message.c_str());
    return 1;
  }
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
