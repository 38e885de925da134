#include "webconfig/tls_names.h"

#include <algorithm>
#include <array>
#include <utility>

namespace webconfig {
namespace {

// tls.CipherSuites() of Go.
constexpr std::array kCipherSuites{
    CipherSuite{"TLS_AES_128_GCM_SHA256", ""},
    CipherSuite{"TLS_AES_256_GCM_SHA384", ""},
    CipherSuite{"TLS_CHACHA20_POLY1305_SHA256", ""},
    CipherSuite{"TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA", "ECDHE-ECDSA-AES128-SHA"},
    CipherSuite{"TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA", "ECDHE-ECDSA-AES256-SHA"},
    CipherSuite{"TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA", "ECDHE-RSA-AES128-SHA"},
    CipherSuite{"TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA", "ECDHE-RSA-AES256-SHA"},
    CipherSuite{"TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256", "ECDHE-ECDSA-AES128-GCM-SHA256"},
    CipherSuite{"TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384", "ECDHE-ECDSA-AES256-GCM-SHA384"},
    CipherSuite{"TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", "ECDHE-RSA-AES128-GCM-SHA256"},
    CipherSuite{"TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384", "ECDHE-RSA-AES256-GCM-SHA384"},
    CipherSuite{"TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256", "ECDHE-RSA-CHACHA20-POLY1305"},
    CipherSuite{"TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256", "ECDHE-ECDSA-CHACHA20-POLY1305"}};

using Named = std::pair<std::string_view, std::string_view>;
constexpr std::array kCurves{Named{"CurveP256", "P-256"}, Named{"CurveP384", "P-384"},
                             Named{"CurveP521", "P-521"}, Named{"X25519", "X25519"}};

using NamedAuth = std::pair<std::string_view, ClientAuth>;
constexpr std::array kClientAuths{
    NamedAuth{"", ClientAuth::kNone},
    NamedAuth{"NoClientCert", ClientAuth::kNone},
    NamedAuth{"RequestClientCert", ClientAuth::kRequest},
    NamedAuth{"RequireAnyClientCert", ClientAuth::kRequireAny},
    NamedAuth{"RequireClientCert", ClientAuth::kRequireAny},  // an older name of the toolkit's
    NamedAuth{"VerifyClientCertIfGiven", ClientAuth::kVerifyIfGiven},
    NamedAuth{"RequireAndVerifyClientCert", ClientAuth::kRequireAndVerify}};

}  // namespace

std::optional<CipherSuite> cipher_suite_of(std::string_view name) {
  const auto* const found =
      std::find_if(kCipherSuites.begin(), kCipherSuites.end(),
                   [&](const CipherSuite& suite) { return suite.name == name; });
  if (found == kCipherSuites.end()) return std::nullopt;
  return *found;
}

std::optional<std::string_view> curve_of(std::string_view name) {
  for (const auto& [curve, openssl_name] : kCurves) {
    if (curve == name) return openssl_name;
  }
  return std::nullopt;
}

std::optional<ClientAuth> client_auth_of(std::string_view name) {
  for (const auto& [text, auth] : kClientAuths) {
    if (text == name) return auth;
  }
  return std::nullopt;
}

}  // namespace webconfig
