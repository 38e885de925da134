#include "command/command_line.h"

#include <cstdio>
#include <memory>
#include <variant>

#include "base/log.h"
#include "base/one_line.h"
#include "base/result.h"
#include "command/arguments.h"

namespace command {
namespace {

bool looks_at_one(const Arguments& asked) {
  return asked.command == Command::kProbes || asked.command == Command::kDump ||
         asked.command == Command::kProfile;
}

// Whether what is asked for makes sense, as far as words alone tell: nothing is started for it.
base::Result<void> check_words(const Arguments& asked) {
  if (looks_at_one(asked) && !asked.serve.executables.empty()) {
    return base::fail("probes, dump and profile look at one process: give --pid N");
  }
  switch (asked.command) {
    case Command::kServe:
    case Command::kDoctor:
    case Command::kTop: {
      const auto config = agent_config(asked.process, asked.serve);
      if (!config) return base::pass_on(config);
      return {};
    }
    case Command::kProbes:
      return require_pid(asked.process, "probes");
    case Command::kDump:
      return require_pid(asked.process, "dump");
    case Command::kProfile:
      return require_pid(asked.process, "profile");
    case Command::kResolve:
    case Command::kResolveConfined:
    case Command::kUnwindConfined:
      break;
  }
  return {};
}

base::Result<int> run_command(const Arguments& asked) {
  switch (asked.command) {
    case Command::kServe:
      return run_serve(asked.process, asked.serve);
    case Command::kDoctor:
      return run_doctor(asked.process, asked.serve, asked.doctor);
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

// By the log: its reader may have stalled, and what was logged stands before. A program that reads
// the log gets the last word in its format.
void tell_failure(base::Log& log, const Arguments& asked, const base::Error& error) {
  if (asked.command == Command::kServe && asked.serve.log_format == "json") {
    base::log_critical("{}", error.message);
  } else {
    log.write_line("valkyria_exporter: " + error.message);
  }
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
    std::fprintf(stderr, "valkyria_exporter: %s\n", base::one_line(log.error().message).c_str());
    return 1;
  }
  if (const auto understood = check_words(asked); !understood) {
    tell_failure(**log, asked, understood.error());
    return kUsageError;
  }
  const auto status = run_command(asked);
  if (!status) tell_failure(**log, asked, status.error());
  return status ? *status : 1;
}

}  // namespace command
