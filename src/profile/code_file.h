// One file of a target's code: how its stacks are unwound, and what its functions are called.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "base/unique_fd.h"
#include "elf/elf_file.h"
#include "elf/function_table.h"
#include "elf/inline_functions.h"
#include "profile/row_cache.h"

namespace profile {

// Reads untrusted files by libdw: for a confined process. What a file does not have is missing and
// no failure: a stack ends there, a function has no name. One thread.
class CodeFile {
 public:
  // `debug`: the separate debug file of the same build, or no descriptor.
  CodeFile(base::UniqueFd file, base::UniqueFd debug);

  // Null: none. Valid until the next call.
  const elf::UnwindRow* row_at(std::uint64_t linked_address);

  // The functions at an address as linked, the innermost first; of a symbol alone one. Names are
  // demangled. Empty: nobody knows.
  std::vector<elf::SourceFunction> functions_at(std::uint64_t linked_address) const;

 private:
  std::optional<elf::ElfFile> file_;
  std::optional<elf::ElfFile> debug_;
  elf::FunctionTable symbols_;  // names in the two above
  std::optional<RowCache> rows_;
  std::optional<elf::InlineFunctions> inline_functions_;
};

}  // namespace profile
