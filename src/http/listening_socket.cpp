#include "http/listening_socket.h"

#include <net/if.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cerrno>
#include <charconv>
#include <cstring>
#include <string>
#include <utility>
#include <vector>

#include "base/owned.h"

namespace http {
namespace {

// Past it a client's kernel tries again after a second: late for a scrape.
constexpr int kBacklog = 1'024;

using AddressList = base::Owned<addrinfo, ::freeaddrinfo>;

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
  const int ipv6_only = asked.host.empty() ? 0 : 1;
  const bool listens =
      fd && ::setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) == 0 &&
      (address.ai_family != AF_INET6 ||
       ::setsockopt(fd.get(), IPPROTO_IPV6, IPV6_V6ONLY, &ipv6_only, sizeof(ipv6_only)) == 0) &&
      ::bind(fd.get(), address.ai_addr, address.ai_addrlen) == 0 &&
      ::listen(fd.get(), kBacklog) == 0;
  if (!listens) return not_listening(asked, errno);
  return fd;
}

// Whether the same address stands in the list before: /etc/hosts may name it twice.
bool is_repeated(const addrinfo* list, const addrinfo& entry) {
  for (const addrinfo* before = list; before != &entry; before = before->ai_next) {
    if (before->ai_addrlen == entry.ai_addrlen &&
        std::memcmp(before->ai_addr, entry.ai_addr, entry.ai_addrlen) == 0) {
      return true;
    }
  }
  return false;
}

// All addresses of the list, or the first of them that this machine has.
base::Result<std::vector<base::UniqueFd>> listen_at_all(const addrinfo* list,
                                                        const ListenAddress& asked,
                                                        bool first_is_enough) {
  std::vector<base::UniqueFd> listening;
  base::Result<base::UniqueFd> lacking = not_listening(asked, EADDRNOTAVAIL);
  for (const addrinfo* entry = list; entry != nullptr; entry = entry->ai_next) {
    if (is_repeated(list, *entry)) continue;
    auto fd = listen_at(*entry, asked);
    if (fd) {
      listening.push_back(std::move(*fd));
      if (first_is_enough) break;
    } else if (fd.error().cause == base::Cause::kLacking) {
      lacking = std::move(fd);
    } else {
      return base::pass_on(fd);
    }
  }
  if (listening.empty()) return base::pass_on(lacking);
  return listening;
}

// The interface after a "%" in an IPv6 address, by name or number; 0: there is no "%". The resolver
// knows names only beside link-local addresses.
base::Result<std::uint32_t> scope_of(const ListenAddress& address) {
  const std::size_t percent = address.host.find('%');
  if (percent == std::string::npos) return 0;
  const std::string interface = address.host.substr(percent + 1);
  std::uint32_t index = ::if_nametoindex(interface.c_str());
  if (index != 0) return index;
  const char* const end = interface.data() + interface.size();
  const auto parsed = std::from_chars(interface.data(), end, index);
  if (parsed.ec == std::errc{} && parsed.ptr == end) return index;
  return base::fail("listen on {}: this machine has no interface {} (see `ip link`)",
                    text_of(address), interface);
}

base::Result<AddressList> addresses_of(const ListenAddress& address, int family) {
  const auto scope = scope_of(address);
  if (!scope) return base::pass_on(scope);
  const std::string host = address.host.substr(0, address.host.find('%'));
  addrinfo hints{};
  hints.ai_family = family;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
  addrinfo* found = nullptr;
  const int error = ::getaddrinfo(host.empty() ? nullptr : host.c_str(),
                                  std::to_string(address.port).c_str(), &hints, &found);
  if (error != 0) {
    return base::fail("listen on {}: {}", text_of(address), ::gai_strerror(error));
  }
  AddressList list(found);
  for (addrinfo* entry = found; *scope != 0 && entry != nullptr; entry = entry->ai_next) {
    if (entry->ai_family != AF_INET6) continue;
    reinterpret_cast<sockaddr_in6*>(entry->ai_addr)->sin6_scope_id = *scope;
  }
  return list;
}

// IPv6 first: its socket takes IPv4 connections too.
base::Result<std::vector<base::UniqueFd>> listen_everywhere(const ListenAddress& address) {
  const auto ipv6 = addresses_of(address, AF_INET6);
  if (ipv6) {
    auto listening = listen_at_all(ipv6->get(), address, true);
    if (listening || listening.error().cause != base::Cause::kLacking) return listening;
  }
  const auto ipv4 = addresses_of(address, AF_INET);
  if (!ipv4) return base::pass_on(ipv4);
  return listen_at_all(ipv4->get(), address, true);
}

// The port of the first is that of all; it may be taken at another address.
base::Result<std::vector<base::UniqueFd>> listen_at_a_free_port(const ListenAddress& address) {
  constexpr int kTries = 8;
  base::Result<std::vector<base::UniqueFd>> listening;
  for (int i = 0; i < kTries; ++i) {
    const auto list = addresses_of(address, AF_UNSPEC);
    if (!list) return base::pass_on(list);
    auto first = listen_at_all(list->get(), address, true);
    if (!first || (*list)->ai_next == nullptr) return first;
    const auto port = port_of(first->front().get());
    if (!port) return base::pass_on(port);
    first->clear();
    listening = listen_on({address.host, *port});
    if (listening) return listening;
  }
  return listening;
}

}  // namespace

base::Result<std::vector<base::UniqueFd>> listen_on(const ListenAddress& address) {
  if (address.host.empty()) return listen_everywhere(address);
  if (address.port == 0) return listen_at_a_free_port(address);
  const auto list = addresses_of(address, AF_UNSPEC);
  if (!list) return base::pass_on(list);
  return listen_at_all(list->get(), address, false);
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
