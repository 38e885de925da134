// The names that a binary gives to places.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "elf/elf_file.h"

namespace elf {

struct Symbol {
  std::uint64_t address = 0;  // as linked
  std::uint64_t size_bytes = 0;
  bool is_function = false;
};

// A function or object that the file itself defines, by .symtab or, in a stripped file, .dynsym.
std::optional<Symbol> find_symbol(const ElfFile& file, std::string_view name);

// Whether the file has lost its .symtab.
bool is_stripped(const ElfFile& file);

}  // namespace elf
