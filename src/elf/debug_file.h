// Debug information in files of its own.
#pragma once

#include <string>
#include <vector>

#include "base/unique_fd.h"
#include "elf/elf_file.h"

namespace elf {

// Each is open for reading, or no descriptor.
struct DebugFiles {
  base::UniqueFd separate{};   // made of the same build, by objcopy --only-keep-debug
  base::UniqueFd alternate{};  // what dwz took out of the file, or out of the separate one
};

// Looks for what belongs to `file` below `directories` and then /usr/lib/debug: by build id
// (DIR/.build-id/xx/yyyy.debug), and under the names that the file gives, each without its
// directory (DIR/NAME, DIR/.dwz/NAME, and where distributions put them). Only a regular file with
// the right build id is taken.
//
// Nothing else is opened: what lies beside an executable, or where one says that its debug
// information is, may come from somebody who copied an honest one in order to have wrong places
// believed of it.
DebugFiles open_debug_files(const ElfFile& file, const std::vector<std::string>& directories);

}  // namespace elf
