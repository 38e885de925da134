// The build id that the linker put into a file.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "elf/elf_file.h"

namespace elf {

// Parses the bytes of .note.gnu.build-id: any bytes. Lower-case hexadecimal digits.
std::optional<std::string> parse_build_id(std::string_view section);

// The build id of a file, if it has one.
std::optional<std::string> read_build_id(const ElfFile& file);

}  // namespace elf
