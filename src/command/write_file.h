// Files that commands make.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace command {

// A file is written beside its place and then moved there: never half a file. What is there and no
// file, such as a device, is written into.
base::Result<void> write_file(const std::string& path, std::string_view text);

}  // namespace command
