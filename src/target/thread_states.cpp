#include "target/thread_states.h"

#include <fmt/format.h>
#include <sys/syscall.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <filesystem>
#include <optional>
#include <string_view>
#include <system_error>

#include "target/proc_text.h"
#include "target/process_stat.h"

namespace target {
namespace {

constexpr std::size_t kMaxStatBytes = 4'096;

// Of x86-64.
constexpr std::array kPollingCalls{SYS_poll,       SYS_ppoll,       SYS_select,      SYS_pselect6,
                                   SYS_epoll_wait, SYS_epoll_pwait, SYS_epoll_pwait2};

// proc_pid_syscall(5): "232 0x5 ...", "running", or "-1 ..." where it waits outside of any call.
bool is_polling_call(std::string_view text) {
  long number = -1;
  if (std::from_chars(text.data(), text.data() + text.size(), number).ec != std::errc()) {
    return false;
  }
  return std::find(kPollingCalls.begin(), kPollingCalls.end(), number) != kPollingCalls.end();
}

// None: the thread has ended.
std::optional<ThreadState> state_of(const std::string& directory) {
  const auto text = read_proc_text(directory + "/stat", kMaxStatBytes);
  if (!text) return std::nullopt;
  const auto stat = parse_stat(*text);
  if (!stat || stat->state == 'Z' || stat->state == 'X') return std::nullopt;
  if (stat->state == 'R') return ThreadState::kRunning;
  if (stat->state != 'S') return ThreadState::kBlocked;
  const auto call = read_proc_text(directory + "/syscall", kMaxStatBytes);
  return call && is_polling_call(*call) ? ThreadState::kPolling : ThreadState::kBlocked;
}

}  // namespace

base::Result<std::vector<ThreadState>> read_thread_states(const std::string& proc_root, int pid) {
  const std::string tasks = fmt::format("{}/{}/task", proc_root, pid);
  std::error_code error;
  std::vector<ThreadState> states;
  for (std::filesystem::directory_iterator it(tasks, error), end; !error && it != end;
       it.increment(error)) {
    if (states.size() >= kMaxThreadsLookedAt) break;
    if (const auto state = state_of(it->path().string())) states.push_back(*state);
  }
  if (states.empty()) {
    return base::fail(base::Cause::kGone, "look at the threads of pid {}: it has ended", pid);
  }
  return states;
}

}  // namespace target
