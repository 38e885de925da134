#include "profile/wire.h"

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <utility>

namespace profile {
namespace {

using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

constexpr milliseconds kLookUp{20};  // how often we ask whether to stop

// Whether the descriptor is ready before patience is at its end.
bool wait_for(int fd, short events, const confined::Patience& patience) {
  while (!patience.stop.stop_requested()) {
    const auto left = std::chrono::ceil<milliseconds>(patience.deadline - Clock::now());
    if (left.count() <= 0) return false;
    pollfd ready{fd, events, 0};
    const int count = ::poll(&ready, 1, static_cast<int>(std::min(left, kLookUp).count()));
    if (count > 0) return true;
    if (count < 0 && errno != EINTR) return false;
  }
  return false;
}

bool is_transient(int error) {
  return error == EINTR || error == EAGAIN;
}

template <typename Number>
std::span<std::byte> bytes_of(Number& number) {
  return std::as_writable_bytes(std::span(&number, 1));
}

// `wait` says whether to go on when nothing can be moved now.
template <typename Wait>
bool write_all(int fd, std::span<const std::byte> bytes, Wait wait) {
  while (!bytes.empty()) {
    if (!wait()) return false;
    const ssize_t written = ::write(fd, bytes.data(), bytes.size());
    if (written < 0 && !is_transient(errno)) return false;
    if (written > 0) bytes = bytes.subspan(static_cast<std::size_t>(written));
  }
  return true;
}

template <typename Wait>
bool read_all(int fd, std::span<std::byte> bytes, Wait wait) {
  while (!bytes.empty()) {
    if (!wait()) return false;
    const ssize_t got = ::read(fd, bytes.data(), bytes.size());
    if (got == 0 || (got < 0 && !is_transient(errno))) return false;
    if (got > 0) bytes = bytes.subspan(static_cast<std::size_t>(got));
  }
  return true;
}

template <typename Wait>
bool send(int fd, std::span<const std::byte> message, Wait wait) {
  std::uint64_t size = message.size();
  return write_all(fd, bytes_of(size), wait) && write_all(fd, message, wait);
}

template <typename Wait>
std::optional<std::vector<std::byte>> receive(int fd, Wait wait) {
  std::uint64_t size = 0;
  if (!read_all(fd, bytes_of(size), wait) || size > kMaxMessageBytes) return std::nullopt;
  std::vector<std::byte> message(size);
  if (!read_all(fd, message, wait)) return std::nullopt;
  return message;
}

bool go_on() {
  return true;
}

}  // namespace

std::optional<std::uint64_t> WireReader::take() {
  std::uint64_t number = 0;
  if (rest_.size() < sizeof(number)) {
    rest_ = {};
    return std::nullopt;
  }
  std::memcpy(&number, rest_.data(), sizeof(number));
  rest_ = rest_.subspan(sizeof(number));
  return number;
}

std::optional<std::span<const std::byte>> WireReader::take_bytes() {
  const auto size = take();
  if (!size || *size > rest_.size()) {
    rest_ = {};
    return std::nullopt;
  }
  const auto bytes = rest_.first(*size);
  rest_ = rest_.subspan(*size);
  return bytes;
}

std::optional<std::string> WireReader::take_text(std::size_t max_bytes) {
  const auto bytes = take_bytes();
  if (!bytes || bytes->size() > max_bytes) {
    rest_ = {};
    return std::nullopt;
  }
  return std::string(reinterpret_cast<const char*>(bytes->data()), bytes->size());
}

std::optional<std::size_t> WireReader::take_count(std::size_t least_bytes) {
  const auto count = take();
  if (!count || *count > rest_.size() / least_bytes) {
    rest_ = {};
    return std::nullopt;
  }
  return *count;
}

base::Result<void> send_message(int fd, std::span<const std::byte> message,
                                const confined::Patience& patience) {
  if (message.size() > kMaxMessageBytes) {
    return base::fail("hand samples to the process that unwinds them: {} bytes at once, of {}",
                      message.size(), kMaxMessageBytes);
  }
  if (send(fd, message, [&] { return wait_for(fd, POLLOUT, patience); })) return {};
  return base::fail("hand samples to the process that unwinds them: it has ended, or takes none");
}

base::Result<std::vector<std::byte>> receive_message(int fd, const confined::Patience& patience) {
  auto message = receive(fd, [&] { return wait_for(fd, POLLIN, patience); });
  if (message) return std::move(*message);
  return base::fail("hear from the process that unwinds samples: it has ended, or does not answer");
}

std::optional<std::vector<std::byte>> receive_message_blocking(int fd) {
  return receive(fd, go_on);
}

bool send_message_blocking(int fd, std::span<const std::byte> message) {
  return send(fd, message, go_on);
}

}  // namespace profile
