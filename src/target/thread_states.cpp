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

int thread_of(std::string_view name) {
  int tid = 0;
  std::from_chars(name.data(), name.data() + name.size(), tid);
  return tid;
}

// proc_pid_schedstat: nanoseconds on a processor, nanoseconds in the queue for one, and how often
// it got one, which is never for who exists where the kernel does not count.
std::optional<std::uint64_t> queued_ns_of(const std::string& directory) {
  const auto text = read_proc_text(directory + "/schedstat", kMaxStatBytes);
  if (!text) return std::nullopt;
  std::array<std::uint64_t, 3> numbers{};
  const char* at = text->data();
  const char* const end = at + text->size();
  for (std::uint64_t& number : numbers) {
    while (at != end && *at == ' ') ++at;
    const auto [next, error] = std::from_chars(at, end, number);
    if (error != std::errc()) return std::nullopt;
    at = next;
  }
  const auto [on_processor_ns, queued_ns, times] = numbers;
  return times == 0 ? std::nullopt : std::optional(queued_ns);
}

}  // namespace

base::Result<std::vector<ThreadLook>> look_at_threads(const std::string& proc_root, int pid) {
  const std::string tasks = fmt::format("{}/{}/task", proc_root, pid);
  std::error_code error;
  std::vector<ThreadLook> looks;
  for (std::filesystem::directory_iterator it(tasks, error), end; !error && it != end;
       it.increment(error)) {
    if (looks.size() >= kMaxThreadsLookedAt) break;
    const std::string directory = it->path().string();
    const auto state = state_of(directory);
    if (!state) continue;
    looks.push_back({thread_of(it->path().filename().string()), *state, queued_ns_of(directory)});
  }
  if (looks.empty()) {
    return base::fail(base::Cause::kGone, "look at the threads of pid {}: it has ended", pid);
  }
  return looks;
}

}  // namespace target
