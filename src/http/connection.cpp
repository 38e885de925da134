#include "http/connection.h"

#include <netdb.h>
#include <poll.h>
#include <strings.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>

namespace http {
namespace {

constexpr std::string_view kEndOfLine = "\r\n";
constexpr std::string_view kEndOfHead = "\r\n\r\n";

// Length of the head at the begin of `input`, its empty line included, or 0.
std::size_t head_length(const std::string& input, std::size_t searched_bytes) {
  const std::size_t overlap = std::min(searched_bytes, kEndOfHead.size() - 1);
  const std::size_t end = input.find(kEndOfHead, searched_bytes - overlap);
  return end == std::string::npos ? 0 : end + kEndOfHead.size();
}

// Whether a header line is the field of that name; names don't differ by case.
bool is_field(std::string_view line, std::string_view name) {
  return line.size() > name.size() && ::strncasecmp(line.data(), name.data(), name.size()) == 0 &&
         (line[name.size()] == ':' || line[name.size()] == ' ' || line[name.size()] == '\t');
}

bool wait_writable(int fd, Connection::Clock::time_point deadline) {
  using std::chrono::milliseconds;
  const auto left = std::chrono::ceil<milliseconds>(deadline - Connection::Clock::now());
  if (left <= milliseconds::zero()) return false;
  pollfd polled{fd, POLLOUT, 0};
  const int ready = ::poll(&polled, 1, static_cast<int>(left.count()));
  return ready > 0 || (ready < 0 && errno == EINTR);
}

using AddressOf = int (*)(int, sockaddr*, socklen_t*);

void describe(int fd, AddressOf address_of, std::string& ip, int& port) {
  sockaddr_storage storage{};
  socklen_t size = sizeof(storage);
  auto* const address = reinterpret_cast<sockaddr*>(&storage);
  if (address_of(fd, address, &size) != 0) return;
  std::array<char, NI_MAXHOST> host{};
  std::array<char, NI_MAXSERV> service{};
  if (::getnameinfo(address, size, host.data(), host.size(), service.data(), service.size(),
                    NI_NUMERICHOST | NI_NUMERICSERV) != 0) {
    return;
  }
  ip = host.data();
  port = std::atoi(service.data());
}

}  // namespace

Connection::Input Connection::receive() {
  std::array<char, 4096> chunk{};
  while (head_bytes_ == 0) {
    if (input_.size() >= kMaxHeadBytes) return Input::kTooLong;
    const ssize_t got = ::recv(fd_.get(), chunk.data(), chunk.size(), MSG_DONTWAIT);
    if (got == 0) return Input::kClosed;
    if (got < 0) {
      if (errno == EINTR) continue;
      return errno == EAGAIN || errno == EWOULDBLOCK ? Input::kPartial : Input::kClosed;
    }
    const std::size_t searched_bytes = input_.size();
    input_.append(chunk.data(), static_cast<std::size_t>(got));
    head_bytes_ = head_length(input_, searched_bytes);
  }
  return Input::kRequest;
}

void Connection::remove_field(std::string_view name) {
  std::size_t line = input_.find(kEndOfLine) + kEndOfLine.size();
  while (line < head_bytes_) {
    const std::size_t next = input_.find(kEndOfLine, line) + kEndOfLine.size();
    if (is_field(std::string_view(input_).substr(line, next - line), name)) {
      input_.erase(line, next - line);
      head_bytes_ -= next - line;
    } else {
      line = next;
    }
  }
}

void Connection::end_answer() {
  input_.erase(0, head_bytes_);
  read_bytes_ = 0;
  head_bytes_ = head_length(input_, 0);
}

void Connection::refuse_too_long() {
  begin_answer(Clock::now());
  constexpr std::string_view kAnswer =
      "HTTP/1.1 431 Request Header Fields Too Large\r\nConnection: close\r\n"
      "Content-Length: 0\r\n\r\n";
  write(kAnswer.data(), kAnswer.size());
}

void Connection::interrupt() {
  ::shutdown(fd_.get(), SHUT_RDWR);
}

// httplib sees the end of the stream behind the head: a body is never waited for, and the next
// request is not for it to read.
ssize_t Connection::read(char* data, std::size_t size) {
  const std::size_t length = std::min(size, head_bytes_ - read_bytes_);
  std::memcpy(data, input_.data() + read_bytes_, length);
  read_bytes_ += length;
  return static_cast<ssize_t>(length);
}

ssize_t Connection::write(const char* data, std::size_t size) {
  while (true) {
    const ssize_t sent = ::send(fd_.get(), data, size, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent >= 0) return sent;
    if (errno == EINTR) continue;
    if (errno != EAGAIN && errno != EWOULDBLOCK) return -1;
    if (!wait_writable(fd_.get(), write_deadline_)) return -1;
  }
}

void Connection::get_remote_ip_and_port(std::string& ip, int& port) const {
  describe(fd_.get(), ::getpeername, ip, port);
}

void Connection::get_local_ip_and_port(std::string& ip, int& port) const {
  describe(fd_.get(), ::getsockname, ip, port);
}

}  // namespace http
