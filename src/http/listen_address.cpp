#include "http/listen_address.h"

#include <arpa/inet.h>
#include <net/if.h>

#include <algorithm>
#include <charconv>
#include <optional>

namespace http {
namespace {

constexpr const char* kForms = "use HOST:PORT, [IPV6]:PORT or :PORT";

std::optional<std::uint16_t> parse_port(std::string_view text) {
  std::uint16_t port = 0;
  const auto end = std::from_chars(text.data(), text.data() + text.size(), port);
  if (end.ec != std::errc{} || end.ptr != text.data() + text.size()) return std::nullopt;
  return port;
}

// Perhaps with the interface that a link-local address belongs to: "fe80::1%eth0". What inet_pton
// takes ends at a NUL, which a text may go on behind.
bool is_ipv6(const std::string& text) {
  const std::size_t percent = text.find('%');
  if (percent != std::string::npos) {
    const std::string_view interface = std::string_view(text).substr(percent + 1);
    const bool is_name = !interface.empty() && interface.size() < IF_NAMESIZE &&
                         interface.find_first_of("%/[] \t\r\n") == std::string_view::npos;
    if (!is_name) return false;
  }
  in6_addr address{};
  return text.find('\0') == std::string::npos &&
         ::inet_pton(AF_INET6, text.substr(0, percent).c_str(), &address) == 1;
}

bool is_name_or_ipv4(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '-' || c == '_';
  });
}

}  // namespace

base::Result<ListenAddress> parse_listen_address(std::string_view text) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) {
    return base::fail("listen address \"{}\": no port ({})", text, kForms);
  }
  const auto port = parse_port(text.substr(colon + 1));
  if (!port) {
    return base::fail("listen address \"{}\": the port is not a number from 0 to 65535 ({})", text,
                      kForms);
  }
  std::string host(text.substr(0, colon));
  if (host.size() >= 2 && host.front() == '[' && host.back() == ']') {
    host = host.substr(1, host.size() - 2);
    if (!is_ipv6(host)) {
      return base::fail("listen address \"{}\": no IPv6 address between the brackets", text);
    }
  } else if (!is_name_or_ipv4(host)) {
    return base::fail("listen address \"{}\": the host is neither a name nor an address ({})", text,
                      kForms);
  }
  return ListenAddress{std::move(host), *port};
}

std::string text_of(const ListenAddress& address) {
  if (address.host.starts_with("unix:")) return address.host;
  const bool is_ipv6_number = address.host.find(':') != std::string::npos;
  return is_ipv6_number ? fmt::format("[{}]:{}", address.host, address.port)
                        : fmt::format("{}:{}", address.host, address.port);
}

}  // namespace http
