#include "http/systemd_sockets.h"

#include <fcntl.h>
#include <sys/socket.h>

#include <cerrno>
#include <charconv>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>

namespace http {
namespace {

constexpr int kMaxSockets = 64;
constexpr const char* kFix =
    " (start it by a unit with a .socket, or leave --web.systemd-socket out)";

std::optional<long> number_of(const char* text) {
  if (text == nullptr) return std::nullopt;
  const std::string_view digits = text;
  long number = 0;
  const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (read.ec != std::errc{} || read.ptr != digits.data() + digits.size()) return std::nullopt;
  return number;
}

int option_of(int fd, int option) {
  int value = -1;
  socklen_t size = sizeof value;
  return ::getsockopt(fd, SOL_SOCKET, option, &value, &size) == 0 ? value : -1;
}

base::Result<void> prepare(int fd) {
  const int family = option_of(fd, SO_DOMAIN);
  if (family < 0) {
    return base::fail("take descriptor {} from systemd: {}", fd, base::errno_text(errno));
  }
  const bool is_served = family == AF_INET || family == AF_INET6 || family == AF_UNIX;
  if (!is_served || option_of(fd, SO_TYPE) != SOCK_STREAM || option_of(fd, SO_ACCEPTCONN) != 1) {
    return base::fail(
        "take descriptor {} from systemd: no stream socket that listens (use ListenStream= and "
        "Accept=no)",
        fd);
  }
  const int flags = ::fcntl(fd, F_GETFL);
  if (flags < 0 || ::fcntl(fd, F_SETFL, flags | O_NONBLOCK) != 0 ||
      ::fcntl(fd, F_SETFD, FD_CLOEXEC) != 0) {
    return base::fail("take descriptor {} from systemd: {}", fd, base::errno_text(errno));
  }
  return {};
}

}  // namespace

HandedSockets handed_sockets_of_environment() {
  static std::string pid;
  static std::string count;
  HandedSockets handed;
  // Before there are threads that read it. NOLINTBEGIN(concurrency-mt-unsafe)
  if (const char* text = std::getenv("LISTEN_PID")) handed.pid = (pid = text).c_str();
  if (const char* text = std::getenv("LISTEN_FDS")) handed.count = (count = text).c_str();
  for (const char* name : {"LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES"}) ::unsetenv(name);
  // NOLINTEND(concurrency-mt-unsafe)
  return handed;
}

base::Result<std::vector<base::UniqueFd>> take_sockets(const HandedSockets& handed, pid_t own_pid) {
  const auto pid = number_of(handed.pid);
  const auto count = number_of(handed.count);
  if (!pid || !count) {
    return base::fail("take sockets from systemd: LISTEN_PID or LISTEN_FDS is missing{}", kFix);
  }
  if (*pid != own_pid) {
    return base::fail("take sockets from systemd: they are for process {}, this is {}{}", *pid,
                      own_pid, kFix);
  }
  if (*count < 1 || *count > kMaxSockets) {
    return base::fail("take sockets from systemd: {} of them, not 1 to {}{}", *count, kMaxSockets,
                      kFix);
  }
  for (int i = 0; i < *count; ++i) {
    if (auto ready = prepare(handed.first_fd + i); !ready) return base::pass_on(ready);
  }
  std::vector<base::UniqueFd> sockets;
  for (int i = 0; i < *count; ++i) sockets.emplace_back(handed.first_fd + i);
  return sockets;
}

}  // namespace http
