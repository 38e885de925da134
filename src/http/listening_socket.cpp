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

tl::unexpected<base::Error> not_listening(const ListenAddress& address, int errno_value) {
  const bool lacks_family = errno_value == EAFNOSUPPORT || errno_value == EADDRNOTAVAIL;
  return base::fail(lacks_family ? base::Cause::kLacking : base::Cause::kOther,
                    "listen on {}: {}{}", text_of(address), base::errno_text(errno_value),
                    fix_for(errno_value));
}

// At one of the addresses that `asked` stands for. Fails by kLacking where the next may do.
//
// SO_REUSEADDR lets a restarted exporter have its port while old connections are in TIME_WAIT.
// Never SO_REUSEPORT: with it a second exporter would silently get half of the scrapes.
base::Result<base::UniqueFd> listen_at(const addrinfo& address, const ListenAddress& asked) {
  base::UniqueFd fd(::socket(address.ai_family, address.ai_socktype | SOCK_CLOEXEC | SOCK_NONBLOCK,
                             address.ai_protocol));
  const int on = 1;
  const int off = 0;
  const bool listens =
      fd && ::setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) == 0 &&
      (address.ai_family != AF_INET6 ||
       ::setsockopt(fd.get(), IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof(off)) == 0) &&
      ::bind(fd.get(), address.ai_addr, address.ai_addrlen) == 0 &&
      ::listen(fd.get(), kBacklog) == 0;
  if (!listens) return not_listening(asked, errno);
  return fd;
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
  base::Result<base::UniqueFd> listening = not_listening(address, EADDRNOTAVAIL);
  for (const AddressList* list : {&lookup.addresses, &ipv4.addresses}) {
    for (const addrinfo* entry = list->get(); entry != nullptr; entry = entry->ai_next) {
      listening = listen_at(*entry, address);
      if (listening || listening.error().cause != base::Cause::kLacking) return listening;
    }
  }
  return listening;
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
