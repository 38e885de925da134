// Takes a profile of a process into a file.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "base/result.h"
#include "command/process_options.h"

namespace command {

struct ProfileOptions {
  int seconds = 10;
  std::uint32_t hz = 99;
  std::uint32_t stack_bytes = 64 * 1024;
  std::string format;  // empty: by the ending of `output`
  std::string output;  // empty: a name of our own; "-": stdout
};

// Ctrl-C ends it early, with what there is.
base::Result<int> run_profile(const ProcessOptions& process, const ProfileOptions& options);

// What the hidden command does that unwinds stacks without rights. `files`: how many files of code
// it was given.
int run_unwind_confined(std::size_t files);

}  // namespace command
