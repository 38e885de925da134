// What --web.config.file says: TLS, who is let in, fields of answers. The form is that of
// Prometheus's exporter-toolkit; docs/web.md says where we differ.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace webconfig {

// What is asked of a client's certificate; the names are those of Go's crypto/tls.
enum class ClientAuth {
  kNone,              // NoClientCert
  kRequest,           // RequestClientCert: asked for, never looked at
  kRequireAny,        // RequireAnyClientCert: must be there, never looked at
  kVerifyIfGiven,     // VerifyClientCertIfGiven
  kRequireAndVerify,  // RequireAndVerifyClientCert
};

enum class TlsVersion { kTls12, kTls13 };

// A certificate, a key or authorities: in a file, or in the configuration itself.
struct Pem {
  std::string file;  // empty: it stands in the configuration
  std::string text;  // of a file: empty until it is read

  bool is_given() const { return !file.empty() || !text.empty(); }
  friend bool operator==(const Pem&, const Pem&) = default;
};

struct TlsConfig {
  Pem certificate;  // with those that lead from it to its authority
  Pem key;
  Pem client_ca;  // given if and only if certificates of clients are verified
  ClientAuth client_auth = ClientAuth::kNone;
  std::vector<std::string> client_allowed_sans;  // empty: any
  TlsVersion min_version = TlsVersion::kTls12;
  TlsVersion max_version = TlsVersion::kTls13;
  // By OpenSSL's names, the first the best. Empty: ours. Those of TLS 1.3 can't be chosen.
  std::vector<std::string> cipher_suites;
  bool prefers_own_ciphers = true;
  std::vector<std::string> curves;  // by OpenSSL's names; empty: OpenSSL's choice

  friend bool operator==(const TlsConfig&, const TlsConfig&) = default;
};

struct User {
  std::string name;
  std::string hash;  // bcrypt's

  friend bool operator==(const User&, const User&) = default;
};

struct RateLimit {
  std::chrono::nanoseconds interval{};  // a request each
  std::uint32_t burst = 0;

  friend bool operator==(const RateLimit&, const RateLimit&) = default;
};

struct WebConfig {
  std::optional<TlsConfig> tls;  // none: plain HTTP
  std::vector<User> users;       // empty: everybody is let in
  std::vector<std::pair<std::string, std::string>> headers;
  std::optional<RateLimit> rate_limit;
  // What was asked for and is not done, a line for the log each.
  std::vector<std::string> notes;

  friend bool operator==(const WebConfig&, const WebConfig&) = default;
};

// Past these it is refused.
inline constexpr std::size_t kMaxFileBytes = 1024 * 1024;
inline constexpr std::size_t kMaxUsers = 1'000;

// What the text of the file at `path` says. Files that it names are not looked at; where they are
// named relatively, they lie beside it. The error names the file, the line and the fault, and never
// a secret.
base::Result<WebConfig> parse_web_config(std::string_view text, const std::string& path);

// The same of the file itself, and then the texts of those that it names. May take as long as the
// file system does.
base::Result<WebConfig> read_web_config(const std::string& path);
base::Result<void> read_named_files(WebConfig& config);

// The file itself, and those that it names.
std::vector<std::string> files_of(const WebConfig& config, const std::string& path);

}  // namespace webconfig
