// The DWARF debug information of an executable, from the file itself or from files of its own.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "elf/debug_file.h"
#include "elf/elf_file.h"

namespace elf {

class DwarfIndex;

// What can be asked of debug information; paths are resolved by field_resolver.h. libdw is not made
// for hostile files: use this in a process that may crash or hang (confined/confinement.h).
class DebugInformation {
 public:
  // Of the file itself, or else of the separate file, and of the alternate one where they name one.
  // Opens no other file, and never asks the network. Fails where there is none, where part of it
  // stands in a file that is not at hand, or where it can't be read, with what to do about it.
  static base::Result<DebugInformation> open(const ElfFile& file, DebugFiles files = {});
  DebugInformation(DebugInformation&&) noexcept;
  DebugInformation& operator=(DebugInformation&&) noexcept;
  ~DebugInformation();

  // Whether there is one variable of this name at file scope, with one fixed address.
  bool has_variable(std::string_view name) const;

  // Why it knows less than one would think, where that is so, and what to do about it ("its debug
  // information is split ..."): what is not found may be there, but not for us.
  std::optional<std::string> gap() const;

  // For this room.
  const DwarfIndex& index() const { return *index_; }

 private:
  explicit DebugInformation(std::unique_ptr<DwarfIndex> index);

  std::unique_ptr<DwarfIndex> index_;
};

}  // namespace elf
