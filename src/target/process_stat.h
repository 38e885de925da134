// /proc/PID/stat
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace target {

struct ProcessStat {
  std::string comm;              // any bytes, at most 15
  char state = '?';              // 'Z' and 'X' are dead
  std::uint64_t user_ticks = 0;  // CPU time in clock ticks
  std::uint64_t system_ticks = 0;
  std::uint64_t threads = 0;
  std::uint64_t start_ticks = 0;  // since boot
  std::uint64_t resident_pages = 0;
};

// Parses the text of /proc/PID/stat. A comm may hold spaces, parentheses and newlines.
base::Result<ProcessStat> parse_stat(std::string_view text);

// Reads and parses it. Fails when there is no such process (Cause::kGone), or when it can't be
// read.
base::Result<ProcessStat> read_stat(const std::string& proc_root, int pid);

}  // namespace target
