#include "http/listening_socket.h"

#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cerrno>
#include <string>

#include "base/owned.h"

namespace http {
namespace {

constexpr int kBacklog = 128;

using AddressList = base::Owned<addrinfo, ::freeaddrinfo>;

struct Lookup {
  AddressList addresses;
  int gai_error = 0;
};

Lookup look_up(const ListenAddress& address, int family) {
  addrinfo hints{};
  hints.ai_family = family;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
  addrinfo* found = nullptr;
  const int error = ::getaddrinfo(address.host.empty() ? nullptr : address.host.c_str(),
                                  std::to_string(address.port).c_str(), &hints, &found);
  return Lookup{AddressList(found), error};
}

// The socket, or none and errno.
//
// SO_REUSEADDR lets a restarted exporter have its port while old connections are in TIME_WAIT.
// Never SO_REUSEPORT: with it a second exporter would silently get half of the scrapes.
base::UniqueFd listen_at(const addrinfo& address) {
  base::UniqueFd fd(::socket(address.ai_family, address.ai_socktype | SOCK_CLOEXEC | SOCK_NONBLOCK,
                             address.ai_protocol));
  if (!fd) return {};
  const int on = 1;
  const int off = 0;
  if (::setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) != 0) return {};
  if (address.ai_family == AF_INET6 &&
      ::setsockopt(fd.get(), IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof(off)) != 0) {
    return {};
  }
  if (::bind(fd.get(), address.ai_addr, address.ai_addrlen) != 0) return {};
  if (::listen(fd.get(), kBacklog) != 0) return {};
  return fd;
}

const char* fix_for(int errno_value) {
  switch (errno_value) {
    case EADDRINUSE:
      return " (another exporter? choose --web.listen-address)";
    case EACCES:
      return " (ports below 1024 need CAP_NET_BIND_SERVICE; choose --web.listen-address)";
    case EADDRNOTAVAIL:
      return " (no interface of this machine has that address; choose --web.listen-address)";
    default:
      return "";
  }
}

// This machine lacks the address family; the name's next address may do.
bool lacks_family(int errno_value) {
  return errno_value == EAFNOSUPPORT || errno_value == EADDRNOTAVAIL;
}

}  // namespace

base::Result<base::UniqueFd> listen_on(const ListenAddress& address) {
  // For all interfaces, IPv6 first: its socket takes IPv4 connections too.
  const bool everywhere = address.host.empty();
  Lookup lookup = look_up(address, everywhere ? AF_INET6 : AF_UNSPEC);
  if (lookup.gai_error != 0) {
    return base::fail("listen on {}: {}", text_of(address), ::gai_strerror(lookup.gai_error));
  }
  Lookup ipv4 = everywhere ? look_up(address, AF_INET) : Lookup{};
  int last_errno = EADDRNOTAVAIL;
  for (const AddressList* list : {&lookup.addresses, &ipv4.addresses}) {
    for (const addrinfo* entry = list->get(); entry != nullptr; entry = entry->ai_next) {
      base::UniqueFd fd = listen_at(*entry);
      if (fd) return fd;
      last_errno = errno;
      if (!lacks_family(last_errno)) break;
    }
    if (!lacks_family(last_errno)) break;
  }
  return base::fail("listen on {}: {}{}", text_of(address), base::errno_text(last_errno),
                    fix_for(last_errno));
}

base::Result<std::uint16_t> port_of(int socket_fd) {
  sockaddr_storage storage{};
  socklen_t size = sizeof(storage);
  auto* const generic = reinterpret_cast<sockaddr*>(&storage);
  if (::getsockname(socket_fd, generic, &size) != 0) {
    return base::fail("getsockname of the listening socket: {}", base::errno_text(errno));
  }
  const in_port_t port = storage.ss_family == AF_INET6
                             ? reinterpret_cast<const sockaddr_in6*>(&storage)->sin6_port
                             : reinterpret_cast<const sockaddr_in*>(&storage)->sin_port;
  return ntohs(port);
}

}  // namespace http
