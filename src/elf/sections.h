// The sections of any ELF file, also of one that is no program: debug files. For this room only,
// since it shows libelf.
#pragma once

#include <libelf.h>

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/owned.h"

namespace elf {

using ElfHandle = base::Owned<Elf, elf_end>;

// libelf's view of the file, which reads through `fd` as long as it lives. Null: no ELF file.
ElfHandle open_elf(int fd);

struct NamedSection {
  std::string_view name;  // lives as long as the view of the file
  Elf_Scn* section = nullptr;
};
// In the file's order; at most as many as an honest file has.
std::vector<NamedSection> sections_of(Elf* file);

// What stands in the first section of that name: empty where there is none, or past `max_bytes`.
// It lives as long as the view of the file.
std::string_view read_section(Elf* file, std::string_view name, std::size_t max_bytes);

// Lower-case hexadecimal digits; empty: the file has no build id.
std::string build_id_of(Elf* file);

}  // namespace elf
