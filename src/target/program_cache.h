// The executables that have been looked at.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "base/result.h"
#include "elf/usdt.h"
#include "target/process.h"

namespace target {

// By what a program is recognised as one to watch.
struct Recognition {
  std::string provider;                // of its probes
  std::vector<std::string> variables;  // each marks a runtime whose memory can be read
};

// An executable with what it says about itself. Held open: it stays the file that was read.
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

// Opens and reads an executable. One that is not recognised is no failure here.
base::Result<Program> read_program(Executable executable, const Recognition& recognition);

// Remembers, for each file that some process runs, whether it is recognised, so that looking for
// processes reads each file once. Keeps the descriptors only of recognised files that somebody
// still uses. One thread at a time.
class ProgramCache {
 public:
  explicit ProgramCache(Recognition recognition) : recognition_(std::move(recognition)) {}

  // The program that the process runs; null if it is not recognised or can't be read.
  std::shared_ptr<const Program> program_of(const std::string& proc_root, const Process& process);

 private:
  // Device, inode, and time of the last change: inodes are reused.
  using FileKey = std::tuple<std::uint64_t, std::uint64_t, std::int64_t, std::int64_t>;

  Recognition recognition_;
  std::map<FileKey, std::weak_ptr<const Program>> recognised_;
  std::set<FileKey> others_;
};

}  // namespace target
