// What each thread of a process does at this moment, as the kernel sees it.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "base/result.h"

namespace target {

enum class ThreadState {
  kRunning,  // or ready to, without a processor
  kPolling,  // waits for events: in epoll_wait(2), poll(2) or select(2)
  kBlocked,  // waits for anything else
};

// More are not looked at.
inline constexpr std::size_t kMaxThreadsLookedAt = 1'024;

// Without touching the process. Which system call a thread waits in is told to CAP_SYS_PTRACE
// alone: without it none polls. Fails where the process is gone.
base::Result<std::vector<ThreadState>> read_thread_states(const std::string& proc_root, int pid);

}  // namespace target
