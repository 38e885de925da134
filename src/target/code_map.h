// The code that a process has mapped, and the files that it came from.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "target/executable.h"

namespace target {

struct CodeFile {
  Executable file;
  std::string build_id;  // empty: it has none
};

// A piece of a file that can run. `bias` is what an address has more than the one that the file was
// linked for, modulo 2^64.
struct CodeMapping {
  std::uint64_t begin = 0;
  std::uint64_t end = 0;
  std::uint64_t bias = 0;
  std::uint64_t offset = 0;  // in the file
  std::size_t file = 0;
};

struct CodeMap {
  std::vector<CodeFile> files;
  std::vector<CodeMapping> mappings;  // in the order of their addresses
  std::size_t left_out = 0;  // mappings whose file can't be opened or read, or past a limit
};

// At most 64 files. The kernel's own code in every process, [vdso], is taken from ours. Needs
// CAP_SYS_ADMIN. Fails where the process has ended.
base::Result<CodeMap> read_code_map(const std::string& proc_root, int pid);

}  // namespace target
