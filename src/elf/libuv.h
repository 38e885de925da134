// libuv in a file: the library, or a program that it was linked into.
#pragma once

#include "base/result.h"
#include "elf/elf_file.h"

namespace elf {

// Where libuv 1.45 and later keep what a loop counts: bytes from uv_loop_t::internal_fields. The
// structure is private, but its begin has been the same since; `check_libuv` tells whether it is
// in a file that says so itself.
struct LibuvLoopMetrics {
  static constexpr std::uint64_t kLoopCount = 8;
  static constexpr std::uint64_t kEvents = 16;
  static constexpr std::uint64_t kEntryTime = 136;  // ns; when the wait that goes on began
  static constexpr std::uint64_t kIdleTime = 144;   // ns
};

// Whether the file has a libuv that keeps its loop metrics there: by its functions' names, by its
// version where the function that tells it was not dropped, and by the offsets that stand in the
// code of uv_metrics_idle_time. Fails with the reason where not.
base::Result<void> check_libuv(const ElfFile& file);

}  // namespace elf
