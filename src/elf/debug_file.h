// Debug information in a file of its own.
#pragma once

#include <string>
#include <vector>

#include "base/unique_fd.h"
#include "elf/elf_file.h"

namespace elf {

// Opens DIR/.build-id/xx/yyyy.debug for the file's build id: in the first of `directories`, and
// then of /usr/lib/debug, that has it. One with another build id is not taken. No descriptor: there
// is none.
//
// Nothing else is looked at: what lies beside an executable, or what its .gnu_debuglink names, may
// come from somebody who copied an honest executable in order to have wrong places believed of it.
base::UniqueFd open_debug_file(const ElfFile& file, const std::vector<std::string>& directories);

}  // namespace elf
