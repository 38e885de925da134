// Where to listen, as --web.listen-address says it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace http {

struct ListenAddress {
  std::string host = "127.0.0.1";  // name or number, IPv6 without brackets; empty: all interfaces
  std::uint16_t port = 18255;      // 0: a free one

  friend bool operator==(const ListenAddress&, const ListenAddress&) = default;
};

// "127.0.0.1:18255", "[::1]:18255", "[fe80::1%eth0]:9", "localhost:0", ":18255". Says only whether
// the text has that form: names are looked up when the socket is made. The error names the text.
base::Result<ListenAddress> parse_listen_address(std::string_view text);

// The same form back, such as "[::1]:18255". A socket with a path, which only systemd gives us, is
// "unix:/path".
std::string text_of(const ListenAddress& address);

}  // namespace http
