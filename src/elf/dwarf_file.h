// A file that libdw has open. For this room only, since it shows libdw.
#pragma once

#include <elfutils/libdw.h>

#include <optional>
#include <string>

#include "base/owned.h"
#include "base/result.h"
#include "base/unique_fd.h"
#include "elf/debug_link.h"
#include "elf/sections.h"

namespace elf {

// Owns libdw's view of a file, which reads through the descriptor. A Dwarf_Die of it lives as long.
class DwarfFile {
 public:
  // Nothing: the file has no debug information. Fails when it has some that can't be read. `name`
  // is for messages.
  static base::Result<std::optional<DwarfFile>> open(base::UniqueFd fd, const std::string& name);

  Dwarf* dwarf() const { return dwarf_.get(); }

  // What dwz took out of it, if it did.
  std::optional<AlternateLink> alternate() const;

 private:
  using Handle = base::Owned<Dwarf, dwarf_end>;

  DwarfFile(base::UniqueFd fd, ElfHandle elf, Handle dwarf)
      : fd_(std::move(fd)), elf_(std::move(elf)), dwarf_(std::move(dwarf)) {}

  base::UniqueFd fd_;  // in this order: each reads through the one before
  ElfHandle elf_;
  Handle dwarf_;
};

}  // namespace elf
