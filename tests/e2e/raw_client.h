// A TCP connection that does what no decent HTTP client does.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace e2e {

// Open as long as it lives, even if the other side has closed it. Whatever fails is left at that:
// these are clients that the exporter may drop at any time.
class RawClient {
 public:
  explicit RawClient(std::uint16_t port, int receive_buffer_bytes = 0,
                     const char* address_text = "127.0.0.1")
      : RawClient(AF_INET) {
    if (receive_buffer_bytes != 0) {
      ::setsockopt(fd_, SOL_SOCKET, SO_RCVBUF, &receive_buffer_bytes, sizeof receive_buffer_bytes);
    }
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    ::inet_pton(AF_INET, address_text, &address.sin_addr);
    connect_to(address);
  }
  // To the machine's own IPv6 address.
  static RawClient over_ipv6(std::uint16_t port) {
    RawClient client(AF_INET6);
    sockaddr_in6 address{};
    address.sin6_family = AF_INET6;
    address.sin6_port = htons(port);
    address.sin6_addr = in6addr_loopback;
    client.connect_to(address);
    return client;
  }
  RawClient(RawClient&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  RawClient& operator=(RawClient&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~RawClient() {
    if (fd_ >= 0) ::close(fd_);
  }

  void send(std::string_view bytes) { ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL); }

  // All that comes until the other side ends.
  std::string receive_all() {
    std::string all;
    std::string piece(4096, '\0');
    for (ssize_t got = 0; (got = ::recv(fd_, piece.data(), piece.size(), 0)) > 0;) {
      all.append(piece, 0, static_cast<std::size_t>(got));
    }
    return all;
  }

  // What comes next; empty: the other side has ended, or nothing came.
  std::string receive_some() {
    std::string piece(16 * 1024, '\0');
    const ssize_t got = ::recv(fd_, piece.data(), piece.size(), 0);
    piece.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
    return piece;
  }

  // Closes at once by a reset.
  void reset() {
    const linger at_once{1, 0};
    ::setsockopt(fd_, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    ::close(std::exchange(fd_, -1));
  }

 private:
  explicit RawClient(int family) : fd_(::socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    const timeval patience{20, 0};
    ::setsockopt(fd_, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    ::setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  }
  template <typename Address>
  void connect_to(const Address& address) {
    ::connect(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address);
  }

  int fd_ = -1;
};

}  // namespace e2e
