// The USDT probe sites of a binary, with what attaching needs.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "elf/elf_file.h"

namespace elf {

// What stands at a place in the code. A 5-byte nop is a site that Linux 6.18 and 6.19 rewrite into
// a call that overwrites the caller's red zone.
enum class SiteInstruction { kNop1, kNop5, kOther };

// What stands at a file offset; kOther also past the end of the file.
SiteInstruction read_instruction(const ElfFile& file, std::uint64_t file_offset);

struct UsdtSite {
  std::string name;
  std::uint64_t address = 0;                             // as linked
  std::uint64_t file_offset = 0;                         // of the site, for the uprobe
  std::optional<std::uint64_t> semaphore_file_offset{};  // none: the probe has no semaphore
  std::uint64_t semaphore_address = 0;                   // as linked
  std::vector<std::string> operands;
  SiteInstruction instruction = SiteInstruction::kOther;
};

// All sites of one provider, in file order; none is not a failure. Sites that lie outside the
// file's loaded segments fail: such a file is broken.
base::Result<std::vector<UsdtSite>> read_usdt_sites(const ElfFile& file, std::string_view provider);

}  // namespace elf
