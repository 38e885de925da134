#include "http/event_fd.h"

#include <sys/eventfd.h>

#include <cerrno>
#include <cstdint>

namespace http {

base::Result<EventFd> EventFd::create() {
  base::UniqueFd fd(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!fd) return base::fail("create an eventfd: {}", base::errno_text(errno));
  return EventFd(std::move(fd));
}

// Neither result matters: a counter that is full is readable, one that is empty is clear.
void EventFd::signal() {
  const std::uint64_t one = 1;
  [[maybe_unused]] const auto written = ::write(fd_.get(), &one, sizeof(one));
}

void EventFd::clear() {
  std::uint64_t count = 0;
  [[maybe_unused]] const auto got = ::read(fd_.get(), &count, sizeof(count));
}

}  // namespace http
