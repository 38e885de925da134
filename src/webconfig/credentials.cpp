#include "webconfig/credentials.h"

#include <openssl/evp.h>
#include <strings.h>

#include <algorithm>

namespace webconfig {
namespace {

constexpr std::string_view kScheme = "Basic ";

bool is_base64_char(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '+' ||
         c == '/';
}

// OpenSSL's decoder forgives what is no base64, and counts what fills it up.
std::optional<std::string> decode_base64(std::string_view text) {
  if (text.empty() || text.size() % 4 != 0) return std::nullopt;
  const std::size_t filled = text.ends_with("==") ? 2 : text.ends_with('=') ? 1 : 0;
  const std::string_view digits = text.substr(0, text.size() - filled);
  if (!std::all_of(digits.begin(), digits.end(), is_base64_char)) return std::nullopt;
  std::string decoded(text.size() / 4 * 3, '\0');
  const int bytes = ::EVP_DecodeBlock(reinterpret_cast<unsigned char*>(decoded.data()),
                                      reinterpret_cast<const unsigned char*>(text.data()),
                                      static_cast<int>(text.size()));
  if (bytes != static_cast<int>(decoded.size())) return std::nullopt;
  decoded.resize(decoded.size() - filled);
  return decoded;
}

}  // namespace

std::optional<Credentials> parse_basic_credentials(std::string_view authorization) {
  if (authorization.size() < kScheme.size() ||
      ::strncasecmp(authorization.data(), kScheme.data(), kScheme.size()) != 0) {
    return std::nullopt;
  }
  authorization.remove_prefix(kScheme.size());
  authorization.remove_prefix(std::min(authorization.find_first_not_of(' '), authorization.size()));
  const auto decoded = decode_base64(authorization);
  if (!decoded || decoded->find('\0') != std::string::npos) return std::nullopt;
  const std::size_t colon = decoded->find(':');
  if (colon == std::string::npos) return std::nullopt;
  return Credentials{decoded->substr(0, colon), decoded->substr(colon + 1)};
}

}  // namespace webconfig
