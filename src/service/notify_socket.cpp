#include "service/notify_socket.h"

#include <sys/time.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <utility>

namespace service {
namespace {

constexpr timeval kSendTimeout{1, 0};

template <typename Number>
std::optional<Number> parse_number(std::string_view text) {
  Number value = 0;
  const char* const end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, value);
  return error == std::errc() && rest == end ? std::optional(value) : std::nullopt;
}

}  // namespace

Environment parse_environment(const char* notify_socket, const char* watchdog_usec,
                              const char* watchdog_pid, long pid) {
  Environment environment;
  if (notify_socket == nullptr || *notify_socket == '\0') return environment;
  environment.notify_socket = notify_socket;
  if (watchdog_usec == nullptr) return environment;
  // Of a manager that speaks to the process that started us.
  if (watchdog_pid != nullptr && parse_number<long>(watchdog_pid) != pid) return environment;
  const auto usec = parse_number<std::int64_t>(watchdog_usec);
  if (usec && *usec > 0) environment.watchdog = std::chrono::microseconds(*usec);
  return environment;
}

Environment read_environment() {
  // NOLINTBEGIN(concurrency-mt-unsafe): nobody changes the environment
  return parse_environment(std::getenv("NOTIFY_SOCKET"), std::getenv("WATCHDOG_USEC"),
                           std::getenv("WATCHDOG_PID"), ::getpid());
  // NOLINTEND(concurrency-mt-unsafe)
}

NotifySocket::NotifySocket(base::UniqueFd socket, std::string address, sockaddr_un to,
                           socklen_t to_size)
    : socket_(std::move(socket)), address_(std::move(address)), to_(to), to_size_(to_size) {}

base::Result<NotifySocket> NotifySocket::open(const std::string& address) {
  sockaddr_un to{};
  to.sun_family = AF_UNIX;
  if (address.size() < 2 || (address.front() != '/' && address.front() != '@')) {
    return base::fail("tell the service manager: NOTIFY_SOCKET=\"{}\" is neither a path nor @NAME",
                      address);
  }
  if (address.size() >= sizeof to.sun_path) {
    return base::fail("tell the service manager: NOTIFY_SOCKET=\"{}\" has more than {} bytes",
                      address, sizeof to.sun_path - 1);
  }
  std::memcpy(to.sun_path, address.data(), address.size());
  std::size_t size = offsetof(sockaddr_un, sun_path) + address.size();
  if (address.front() == '@') {
    to.sun_path[0] = '\0';
  } else {
    ++size;  // a path ends with a zero, an abstract name with its length
  }
  base::UniqueFd socket(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  if (!socket || ::setsockopt(socket.get(), SOL_SOCKET, SO_SNDTIMEO, &kSendTimeout,
                              sizeof kSendTimeout) != 0) {
    return base::fail("tell the service manager: socket: {}", base::errno_text(errno));
  }
  return NotifySocket(std::move(socket), address, to, static_cast<socklen_t>(size));
}

base::Result<void> NotifySocket::send(std::string_view message) const {
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): so the system call takes it
  const auto* const to = reinterpret_cast<const sockaddr*>(&to_);
  for (;;) {
    if (::sendto(socket_.get(), message.data(), message.size(), MSG_NOSIGNAL, to, to_size_) >= 0) {
      return {};
    }
    if (errno != EINTR) break;
  }
  return base::fail("tell the service manager at {}: {}", address_, base::errno_text(errno));
}

}  // namespace service
