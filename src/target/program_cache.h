// The executables that have been looked at.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <tuple>
#include <vector>

#include "base/result.h"
#include "elf/usdt.h"
#include "target/process.h"

namespace target {

// An executable with what it says about itself. Held open: it stays the file that was read.
struct Program {
  Executable executable;
  std::string build_id;              // empty: it has none
  std::vector<elf::UsdtSite> sites;  // of our provider
  std::vector<elf::Segment> segments;
  bool stripped = false;  // it has lost its .symtab
};

// Opens and reads an executable. One without probes is no failure here.
base::Result<Program> read_program(Executable executable, std::string_view provider);

// Remembers, for each file that some process runs, whether it has probes, so that looking for
// processes reads each file once. Keeps the descriptors only of files with probes that somebody
// still uses. One thread at a time.
class ProgramCache {
 public:
  explicit ProgramCache(std::string provider) : provider_(std::move(provider)) {}

  // The program that the process runs; null if it has no probes or can't be read.
  std::shared_ptr<const Program> program_of(const std::string& proc_root, const Process& process);

 private:
  // Device, inode, and time of the last change: inodes are reused.
  using FileKey = std::tuple<std::uint64_t, std::uint64_t, std::int64_t, std::int64_t>;

  std::string provider_;
  std::map<FileKey, std::weak_ptr<const Program>> with_probes_;
  std::map<FileKey, bool> without_probes_;
};

}  // namespace target
