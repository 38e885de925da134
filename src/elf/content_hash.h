// What tells a file from every other one.
#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"

namespace elf {

// SHA-256 of all that can be read from `fd`, as 64 lower-case hexadecimal digits. `name` is for
// messages. Fails past `max_bytes`: a sparse file may claim any size.
base::Result<std::string> hash_content(int fd, const std::string& name, std::uint64_t max_bytes);

}  // namespace elf
