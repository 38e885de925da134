// Files that a process has mapped.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "target/executable.h"
#include "target/memory_map.h"

namespace target {

// Opens the file of a mapping: that which is mapped, whatever stands at its path. Fails where it is
// no regular file, and without CAP_SYS_ADMIN.
base::Result<Executable> open_mapping(const std::string& proc_root, int pid,
                                      const Mapping& mapping);

// The same for the file among the mappings whose name begins so, such as "libuv.so". None: no such
// file is mapped.
base::Result<std::optional<Executable>> open_mapped_file(const std::string& proc_root, int pid,
                                                         std::span<const Mapping> mappings,
                                                         std::string_view name_begin);

}  // namespace target
