// The libraries of this room, as they are loaded.
#pragma once

#include <string>

namespace elf {

// Of elfutils, such as "0.188".
std::string libdw_version();

// Such as "3.0.17".
std::string openssl_version();

}  // namespace elf
