// What each thread of a process does at this moment, as the kernel sees it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"

namespace target {

enum class ThreadState {
  kRunning,  // or ready to, without a processor
  kPolling,  // waits for events: in epoll_wait(2), poll(2) or select(2)
  kBlocked,  // waits for anything else
};

struct ThreadLook {
  int tid = 0;
  ThreadState state = ThreadState::kBlocked;
  // For how long it has been ready to run without a processor, since it began. None: this kernel
  // does not count it.
  std::optional<std::uint64_t> queued_ns;
};

// More are not looked at.
inline constexpr std::size_t kMaxThreadsLookedAt = 1'024;

// Without touching the process. Which system call a thread waits in is told to CAP_SYS_PTRACE
// alone: without it none polls. Fails where the process is gone.
base::Result<std::vector<ThreadLook>> look_at_threads(const std::string& proc_root, int pid);

}  // namespace target
