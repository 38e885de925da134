#include "base/log_writer.h"

#include <linux/capability.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <csignal>
#include <string>
#include <string_view>
#include <system_error>
#include <thread>
#include <utility>

namespace base {
namespace {

// By the system call itself, which speaks of the calling thread alone: others still attach.
void give_up_capabilities() {
  // Refused without CAP_SETPCAP: then they give nothing to who can't gain.
  for (unsigned int number = 0; number <= CAP_LAST_CAP; ++number) {
    ::prctl(PR_CAPBSET_DROP, number, 0, 0, 0);
  }
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  const __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3]{};
  ::syscall(SYS_capset, &header, none);
  ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
}

bool may_come_later(int error) {
  return error == EINTR || error == EAGAIN || error == EWOULDBLOCK;
}

// A pipe or socket that is writable takes PIPE_BUF bytes at once. False: this can't be written.
bool write_all(int fd, std::string_view text) {
  while (!text.empty()) {
    pollfd writable{fd, POLLOUT, 0};
    if (::poll(&writable, 1, -1) < 0 && errno != EINTR) return false;
    const ssize_t count = ::write(fd, text.data(), std::min<std::size_t>(text.size(), PIPE_BUF));
    if (count < 0 && !may_come_later(errno)) return false;
    text.remove_prefix(count > 0 ? static_cast<std::size_t>(count) : 0);
  }
  return true;
}

std::string count_line(std::uint64_t dropped, spdlog::formatter& formatter) {
  const std::string text =
      fmt::format("{} log lines are missing here: they came faster than stderr was read", dropped);
  spdlog::memory_buf_t line;
  formatter.format({{}, spdlog::level::warn, text}, line);
  return {line.data(), line.size()};
}

void write_lines(LogQueue& queue, int fd, spdlog::formatter& formatter) {
  give_up_capabilities();
  while (const auto entry = queue.take()) {
    if (entry->dropped_before > 0) write_all(fd, count_line(entry->dropped_before, formatter));
    if (!write_all(fd, entry->line)) queue.count_unwritten();
  }
}

// A new thread begins with the mask of the one that starts it.
class AllSignalsBlocked {
 public:
  AllSignalsBlocked() {
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before_);
  }
  ~AllSignalsBlocked() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  AllSignalsBlocked(const AllSignalsBlocked&) = delete;
  AllSignalsBlocked& operator=(const AllSignalsBlocked&) = delete;

 private:
  sigset_t before_;
};

}  // namespace

Result<void> start_log_writer(std::shared_ptr<LogQueue> queue, int fd,
                              std::unique_ptr<spdlog::formatter> formatter) {
  const AllSignalsBlocked blocked;
  try {
    std::thread([queue = std::move(queue), fd, formatter = std::move(formatter)] {
      write_lines(*queue, fd, *formatter);
    }).detach();
  } catch (const std::system_error& error) {
    return fail("start the thread that writes the log: {}", error.code().message());
  }
  return {};
}

}  // namespace base
