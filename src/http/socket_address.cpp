#include "http/socket_address.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>

namespace http {
namespace {

std::string path_of(const sockaddr_un& address, socklen_t size) {
  const std::size_t before = offsetof(sockaddr_un, sun_path);
  const std::size_t length = size > before ? size - before : 0;
  std::string path(address.sun_path, std::min(length, sizeof address.sun_path));
  if (!path.empty() && path.front() == '\0') path.front() = '@';  // an abstract one
  path.resize(std::min(path.find('\0'), path.size()));
  return path;
}

ListenAddress address_of(const sockaddr_storage& storage, socklen_t size) {
  if (storage.ss_family == AF_UNIX) {
    return {"unix:" + path_of(reinterpret_cast<const sockaddr_un&>(storage), size), 0};
  }
  std::array<char, INET6_ADDRSTRLEN> text{};
  if (storage.ss_family == AF_INET6) {
    const auto& ipv6 = reinterpret_cast<const sockaddr_in6&>(storage);
    const bool is_any = IN6_IS_ADDR_UNSPECIFIED(&ipv6.sin6_addr);
    ::inet_ntop(AF_INET6, &ipv6.sin6_addr, text.data(), text.size());
    return {is_any ? "" : text.data(), ntohs(ipv6.sin6_port)};
  }
  const auto& ipv4 = reinterpret_cast<const sockaddr_in&>(storage);
  ::inet_ntop(AF_INET, &ipv4.sin_addr, text.data(), text.size());
  return {ipv4.sin_addr.s_addr == INADDR_ANY ? "" : text.data(), ntohs(ipv4.sin_port)};
}

}  // namespace

base::Result<ListenAddress> own_address_of(int socket_fd) {
  sockaddr_storage storage{};
  socklen_t size = sizeof storage;
  if (::getsockname(socket_fd, reinterpret_cast<sockaddr*>(&storage), &size) != 0) {
    return base::fail("getsockname of the listening socket: {}", base::errno_text(errno));
  }
  return address_of(storage, size);
}

std::string peer_of(int socket_fd) {
  sockaddr_storage storage{};
  socklen_t size = sizeof storage;
  if (::getpeername(socket_fd, reinterpret_cast<sockaddr*>(&storage), &size) != 0) {
    return "somebody who has left";
  }
  return address_of(storage, size).host;
}

// IPv4's 127/8, also as an IPv6 address has it, and ::1. A path is nowhere else.
bool is_on_loopback(int socket_fd) {
  sockaddr_storage storage{};
  socklen_t size = sizeof storage;
  if (::getsockname(socket_fd, reinterpret_cast<sockaddr*>(&storage), &size) != 0) return false;
  if (storage.ss_family == AF_UNIX) return true;
  if (storage.ss_family == AF_INET6) {
    const in6_addr& address = reinterpret_cast<const sockaddr_in6&>(storage).sin6_addr;
    return IN6_IS_ADDR_LOOPBACK(&address) ||
           (IN6_IS_ADDR_V4MAPPED(&address) && address.s6_addr[12] == 127);
  }
  const in_addr_t address = reinterpret_cast<const sockaddr_in&>(storage).sin_addr.s_addr;
  return storage.ss_family == AF_INET && ntohl(address) >> 24 == 127;
}

}  // namespace http
