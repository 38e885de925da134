#include "http/transport.h"

#include <linux/sockios.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <cerrno>

namespace http {
namespace {

Moved not_moved(Moved::State when_it_would_wait) {
  const bool would_wait = errno == EAGAIN || errno == EWOULDBLOCK;
  return {would_wait ? when_it_would_wait : Moved::State::kBroken};
}

}  // namespace

Moved PlainTransport::receive(char* data, std::size_t size) {
  ssize_t got = -1;
  do {
    got = ::recv(socket_.get(), data, size, MSG_DONTWAIT);
  } while (got < 0 && errno == EINTR);
  if (got < 0) return not_moved(Moved::State::kWaitReadable);
  if (got == 0) return {Moved::State::kEnded};
  return {Moved::State::kMoved, static_cast<std::size_t>(got)};
}

Moved PlainTransport::send(std::string_view bytes) {
  ssize_t sent = -1;
  do {
    sent = ::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
  } while (sent < 0 && errno == EINTR);
  if (sent < 0) return not_moved(Moved::State::kWaitWritable);
  return {Moved::State::kMoved, static_cast<std::size_t>(sent)};
}

Moved::State PlainTransport::end_sending() {
  ::shutdown(socket_.get(), SHUT_WR);
  return Moved::State::kMoved;
}

std::size_t PlainTransport::undelivered_bytes() const {
  return unacknowledged_bytes(socket_.get());
}

std::size_t unacknowledged_bytes(int socket_fd) {
  int bytes = 0;
  if (::ioctl(socket_fd, SIOCOUTQ, &bytes) != 0 || bytes < 0) return 0;
  return static_cast<std::size_t>(bytes);
}

}  // namespace http
