// What the command line asks for.
#pragma once

#include <variant>

#include "command/doctor.h"
#include "command/dump.h"
#include "command/probes.h"
#include "command/process_options.h"
#include "command/profile.h"
#include "command/resolve.h"
#include "command/serve.h"
#include "command/top.h"

namespace command {

enum class Command {
  kServe,
  kDoctor,
  kProbes,
  kDump,
  kTop,
  kProfile,
  kResolve,
  kResolveConfined,
  kUnwindConfined
};

// Options that several commands have may also stand before the command.
struct Arguments {
  Command command = Command::kServe;
  ProcessOptions process;
  ServeOptions serve;
  DoctorOptions doctor;
  ProbesOptions probes;
  DumpOptions dump;
  TopOptions top;
  ProfileOptions profile;
  ResolveOptions resolve;        // also of its hidden command
  std::size_t unwind_files = 0;  // of the hidden command of profiles
};

// The exit status where the command line can't be understood, as of other Unix programs.
constexpr int kUsageError = 2;

// Or the exit status, where all is said: what was asked for is help or the version, or it can't be
// understood (kUsageError): then stderr has why, and what was probably meant.
std::variant<Arguments, int> parse_arguments(int argc, char** argv);

}  // namespace command
