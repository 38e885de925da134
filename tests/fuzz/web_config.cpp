// --web.config.file.
#include "webconfig/web_config.h"

#include "fuzz/bytes.h"
#include "fuzz/require.h"
#include "webconfig/password_checks.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto config = webconfig::parse_web_config(fuzz::text_of(data, size), "/etc/web.yml");
  if (!config) {
    fuzz::require(config.error().message.starts_with("web config /etc/web.yml"),
                  "the error names the file");
    return 0;
  }
  for (const auto& [name, value] : config->headers) {
    fuzz::require((name + value).find_first_of("\r\n") == std::string::npos, "a field is one line");
  }
  for (const webconfig::User& user : config->users) {
    const auto cost = webconfig::bcrypt_cost(user.hash);
    fuzz::require(cost && *cost <= webconfig::kMaxBcryptCost, "a password's cost is bounded");
  }
  if (!config->tls) return 0;
  fuzz::require(config->tls->certificate.is_given() && config->tls->key.is_given(),
                "a certificate has its key");
  const bool verifies = config->tls->client_auth == webconfig::ClientAuth::kVerifyIfGiven ||
                        config->tls->client_auth == webconfig::ClientAuth::kRequireAndVerify;
  fuzz::require(verifies == config->tls->client_ca.is_given(),
                "who verifies knows by whom, and the reverse");
  return 0;
}
