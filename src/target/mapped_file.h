// Libraries of a process.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "target/memory_map.h"
#include "target/process.h"

namespace target {

// Opens the file among the mappings of a process whose name begins so, such as "libuv.so": the file
// that is mapped, whatever stands at its path. None: no such file is mapped. Fails where it is no
// regular file, and without CAP_SYS_ADMIN.
base::Result<std::optional<Executable>> open_mapped_file(const std::string& proc_root, int pid,
                                                         std::span<const Mapping> mappings,
                                                         std::string_view name_begin);

}  // namespace target
