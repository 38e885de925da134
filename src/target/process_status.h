// /proc/PID/status
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace target {

// What a process may call: kStrict allows read, write, exit and sigreturn.
enum class Seccomp { kNone, kStrict, kFilter };

struct ProcessStatus {
  // Who started it: a program that is setuid root is its caller's. The owner of /proc/PID does not
  // tell that, since root owns it for every process that does not let itself be dumped.
  std::uint32_t real_uid = 0;
  std::uint32_t effective_uid = 0;
  Seccomp seccomp = Seccomp::kNone;  // also where the kernel has no seccomp and doesn't say
};

// Parses the text of /proc/PID/status. Its field Name can't hold a line feed: the kernel escapes
// it.
base::Result<ProcessStatus> parse_status(std::string_view text);

// Reads and parses it.
base::Result<ProcessStatus> read_status(const std::string& proc_root, int pid);

// Whether any of its threads is under seccomp: each has its own mode and filter. A thread that ends
// meanwhile doesn't count. Fails also where it has more than 10,000 threads.
base::Result<bool> is_under_seccomp(const std::string& proc_root, int pid);

}  // namespace target
