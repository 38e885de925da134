// An executable with what it says about itself.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "elf/usdt.h"
#include "target/executable.h"

namespace target {

// By what a program is recognised as one to watch.
struct Recognition {
  std::string provider;                // of its probes
  std::vector<std::string> variables;  // each marks a runtime whose memory can be read
};

// Held open: it stays the file that was read.
struct Program {
  Executable executable;
  std::string build_id;              // empty: it has none
  std::vector<elf::UsdtSite> sites;  // of our provider
  std::vector<elf::Segment> segments;
  bool stripped = false;  // it has lost its .symtab
  std::string mark{};     // the first of the variables that it has; empty: none

  // Whether there is something to watch: probes, or a runtime whose memory we may know.
  bool is_recognised() const { return !sites.empty() || !mark.empty(); }
};

// Opens and reads an executable. One that is not recognised is no failure here. Fails also where
// the file changed meanwhile (Cause::kChanged): what was read is of neither version then.
base::Result<Program> read_program(Executable executable, const Recognition& recognition);

// The program that a process runs: its executable, or, where that is a dynamic loader, the first
// file that it has loaded and that is recognised.
base::Result<Program> read_program_of(const std::string& proc_root, int pid,
                                      const Recognition& recognition);

}  // namespace target
