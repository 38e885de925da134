// Go's names of what TLS is made of, as the configuration has them, in OpenSSL's words.
#pragma once

#include <optional>
#include <string_view>

#include "webconfig/web_config.h"

namespace webconfig {

struct CipherSuite {
  std::string_view name;          // Go's
  std::string_view openssl_name;  // empty: one of TLS 1.3, which can't be chosen
};

// None: no such suite is served.
std::optional<CipherSuite> cipher_suite_of(std::string_view name);

// OpenSSL's name of a curve; none: it is not known.
std::optional<std::string_view> curve_of(std::string_view name);

// The empty name is NoClientCert.
std::optional<ClientAuth> client_auth_of(std::string_view name);

}  // namespace webconfig
