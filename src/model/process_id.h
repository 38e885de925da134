// Which process is meant, for good.
#pragma once

#include <cstdint>

namespace model {

// A pid alone is reused and survives an exec; together with the start time and the executable's
// inode it names one program run.
struct ProcessId {
  int pid = 0;
  std::uint64_t start_ticks = 0;  // since boot, in clock ticks: field 22 of /proc/PID/stat
  std::uint64_t exe_device = 0;   // st_dev and st_ino of /proc/PID/exe
  std::uint64_t exe_inode = 0;

  friend bool operator==(const ProcessId&, const ProcessId&) = default;
};

}  // namespace model
