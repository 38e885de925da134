// What a client gives as its name and password.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace webconfig {

struct Credentials {
  std::string user;  // without a colon
  std::string password;
};

// Of the value of a field Authorization, "Basic dXNlcjpwYXNz" (RFC 7617). None: it is no such
// thing, or has a byte 0, at which a password would end for those who check it.
std::optional<Credentials> parse_basic_credentials(std::string_view authorization);

}  // namespace webconfig
