// A text file of /proc, whole.
#pragma once

#include <cstddef>
#include <string>

#include "base/result.h"

namespace target {

// Texts of /proc are made when they are read and tell no size: this reads to the end. Fails past
// `max_bytes`, since a process can make its own texts (maps above all) as long as it likes.
base::Result<std::string> read_proc_text(const std::string& path, std::size_t max_bytes);

// The same, but of a longer one its first `max_bytes`, which may end in the middle of a line.
base::Result<std::string> read_beginning(const std::string& path, std::size_t max_bytes);

}  // namespace target
