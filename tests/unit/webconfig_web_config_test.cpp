#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "webconfig/duration.h"
#include "webconfig/web_config.h"

namespace {

using std::chrono::milliseconds;
using std::chrono::nanoseconds;
using std::chrono::seconds;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::Pair;
using webconfig::ClientAuth;
using webconfig::parse_duration;
using webconfig::parse_web_config;
using webconfig::TlsVersion;
using webconfig::WebConfig;

constexpr const char* kPath = "/etc/exporter/web.yml";
constexpr const char* kHash = "$2y$10$QOauhQNbBCuQDKes6eFzPeMqBSjb7Mr5DUmpZ/VcEd00UAV/LDeSi";
constexpr const char* kPair = "tls_server_config:\n  cert_file: a.crt\n  key_file: a.key\n";

WebConfig parsed(const std::string& text) {
  const auto config = parse_web_config(text, kPath);
  EXPECT_TRUE(config) << config.error().message;
  return config.value_or(WebConfig{});
}

std::string error_of(const std::string& text) {
  const auto config = parse_web_config(text, kPath);
  EXPECT_FALSE(config) << text;
  return config ? "" : config.error().message;
}

TEST(ParseWebConfig, TakesNothingForNothing) {
  for (const char* text : {"", "\n", "# a comment\n", "---\n", "tls_server_config:\n",
                           "tls_server_config: {}\nbasic_auth_users:\nhttp_server_config:\n"}) {
    EXPECT_EQ(parsed(text), WebConfig{}) << text;
  }
}

TEST(ParseWebConfig, TakesAllThatTheToolkitHas) {
  const WebConfig config = parsed(R"(
tls_server_config:
  cert_file: server.crt
  key_file: /keys/server.key
  client_auth_type: RequireAndVerifyClientCert
  client_ca_file: ../ca.crt
  client_allowed_sans: [prometheus.example, 10.0.0.1]
  min_version: TLS12
  max_version: TLS13
  cipher_suites:
    - TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256
    - TLS_AES_128_GCM_SHA256
  prefer_server_cipher_suites: false
  curve_preferences: [X25519, CurveP256]
http_server_config:
  http2: false
  headers:
    Strict-Transport-Security: max-age=31536000; includeSubDomains
    X-Frame-Options: deny
    X-XSS-Protection: ""
basic_auth_users:
  alice: )" + std::string(kHash) + R"(
rate_limit:
  interval: 1m30s
  burst: 20
)");
  ASSERT_TRUE(config.tls);
  EXPECT_EQ(config.tls->certificate.file, "/etc/exporter/server.crt");
  EXPECT_EQ(config.tls->key.file, "/keys/server.key");
  EXPECT_EQ(config.tls->client_ca.file, "/etc/exporter/../ca.crt");
  EXPECT_EQ(config.tls->client_auth, ClientAuth::kRequireAndVerify);
  EXPECT_THAT(config.tls->client_allowed_sans, ElementsAre("prometheus.example", "10.0.0.1"));
  EXPECT_THAT(config.tls->cipher_suites, ElementsAre("ECDHE-RSA-AES128-GCM-SHA256"));
  EXPECT_FALSE(config.tls->prefers_own_ciphers);
  EXPECT_THAT(config.tls->curves, ElementsAre("X25519", "P-256"));
  EXPECT_THAT(config.headers,
              ElementsAre(Pair("Strict-Transport-Security", "max-age=31536000; includeSubDomains"),
                          Pair("X-Frame-Options", "deny")));
  ASSERT_EQ(config.users.size(), 1U);
  EXPECT_EQ(config.users.front().name, "alice");
  EXPECT_EQ(config.users.front().hash, kHash);
  ASSERT_TRUE(config.rate_limit);
  EXPECT_EQ(config.rate_limit->interval, seconds(90));
  EXPECT_EQ(config.rate_limit->burst, 20U);
  EXPECT_THAT(config.notes, IsEmpty());
}

TEST(ParseWebConfig, TakesTextsInPlaceOfFiles) {
  const WebConfig config = parsed(
      "tls_server_config:\n  cert: |\n    -----BEGIN\n    x\n  key: k\n"
      "  client_ca: c\n  client_auth_type: VerifyClientCertIfGiven\n");
  ASSERT_TRUE(config.tls);
  EXPECT_EQ(config.tls->certificate.text, "-----BEGIN\nx\n");
  EXPECT_EQ(config.tls->key.text, "k");
  EXPECT_EQ(config.tls->client_auth, ClientAuth::kVerifyIfGiven);
  EXPECT_THAT(files_of(config, kPath), ElementsAre(kPath));
}

TEST(ParseWebConfig, KnowsAllOfGosClientAuthTypes) {
  const auto auth_of = [](const std::string& name) {
    return parsed(kPair + ("  client_auth_type: " + name + "\n")).tls->client_auth;
  };
  EXPECT_EQ(auth_of("NoClientCert"), ClientAuth::kNone);
  EXPECT_EQ(auth_of("RequestClientCert"), ClientAuth::kRequest);
  EXPECT_EQ(auth_of("RequireAnyClientCert"), ClientAuth::kRequireAny);
  EXPECT_EQ(auth_of("RequireClientCert"), ClientAuth::kRequireAny);
  EXPECT_EQ(auth_of("\"\""), ClientAuth::kNone);
  EXPECT_THAT(error_of(kPair + std::string("  client_auth_type: requireAny\n")),
              HasSubstr("line 4: client_auth_type: unknown \"requireAny\""));
}

TEST(ParseWebConfig, NamesTheLineOfWhatItDoesNotKnow) {
  EXPECT_EQ(error_of("tls_server_config:\n  cert_file: a\n  cert_fil: b\n").substr(0, 90),
            "web config /etc/exporter/web.yml, line 3: tls_server_config: unknown key \"cert_fil\" "
            "(known");
  EXPECT_THAT(error_of("\nauth: x\n"), HasSubstr("line 2: the file: unknown key \"auth\""));
  EXPECT_THAT(error_of("tls_server_config: [\n"), HasSubstr("line 2"));
  EXPECT_THAT(error_of("a: b\na: c\n"), HasSubstr("unknown key"));
  EXPECT_THAT(error_of("http_server_config:\n  headers: {X-Frame-Options: deny, X-Frame-Options: "
                       "deny}\n"),
              HasSubstr("line 2: headers: \"X-Frame-Options\" stands there twice"));
}

TEST(ParseWebConfig, RefusesWhatIsNoMapOfKeys) {
  for (const char* text : {"- a\n", "text\n", "tls_server_config: yes\n", "rate_limit: [1]\n",
                           "basic_auth_users: [a]\n", "? [a]\n: b\n", "a: b\n---\nc: d\n"}) {
    EXPECT_THAT(error_of(text), HasSubstr("web config /etc/exporter/web.yml")) << text;
  }
}

TEST(ParseWebConfig, WantsACertificateWithItsKey) {
  EXPECT_THAT(error_of("tls_server_config:\n  min_version: TLS13\n"),
              HasSubstr("give cert_file or cert"));
  EXPECT_THAT(error_of("tls_server_config:\n  cert_file: a\n"), HasSubstr("give key_file or key"));
  EXPECT_THAT(error_of(kPair + std::string("  cert: text\n")),
              HasSubstr("both cert and cert_file are given"));
}

TEST(ParseWebConfig, RefusesClientAuthThatLetsEverybodyIn) {
  const std::string pair = kPair;
  EXPECT_THAT(error_of(pair + "  client_auth_type: RequireAndVerifyClientCert\n"),
              HasSubstr("give client_ca_file, too"));
  EXPECT_THAT(error_of(pair + "  client_ca_file: a\n"),
              HasSubstr("nobody's certificate is verified"));
  EXPECT_THAT(error_of(pair + "  client_ca_file: a\n  client_auth_type: VerifyClientCertIfGiven\n"
                              "  client_allowed_sans: [a]\n"),
              HasSubstr("client_allowed_sans"));
}

TEST(ParseWebConfig, SpeaksNothingOlderThanTls12) {
  const std::string pair = kPair;
  const WebConfig old = parsed(pair + "  min_version: TLS10\n");
  EXPECT_EQ(old.tls->min_version, TlsVersion::kTls12);
  EXPECT_THAT(old.notes, ElementsAre(HasSubstr("min_version: TLS10")));
  EXPECT_THAT(error_of(pair + "  max_version: TLS11\n"), HasSubstr("TLS 1.2 is the oldest"));
  EXPECT_THAT(error_of(pair + "  min_version: TLS14\n"), HasSubstr("unknown TLS version"));
  EXPECT_THAT(error_of(pair + "  min_version: TLS13\n  max_version: TLS12\n"),
              HasSubstr("min_version is above max_version"));
  const std::string of_tls13 = "  cipher_suites: [TLS_AES_128_GCM_SHA256]\n";
  EXPECT_EQ(parsed(pair + of_tls13 + "  min_version: TLS12\n").tls->min_version,
            webconfig::TlsVersion::kTls13)
      << "whatever stands after it";
  EXPECT_THAT(error_of(pair + of_tls13 + "  max_version: TLS12\n"),
              HasSubstr("cipher_suites are all of TLS 1.3, above max_version"));
  EXPECT_EQ(parsed(pair + "  cipher_suites: [TLS_AES_128_GCM_SHA256]\n").tls->min_version,
            TlsVersion::kTls13);
}

TEST(ParseWebConfig, RefusesCiphersAndCurvesThatItDoesNotKnow) {
  const std::string pair = kPair;
  EXPECT_THAT(error_of(pair + "  cipher_suites:\n    - TLS_RSA_WITH_RC4_128_SHA\n"),
              HasSubstr("line 5: cipher_suites: unknown or insecure suite"));
  EXPECT_THAT(error_of(pair + "  curve_preferences: [CurveP257]\n"), HasSubstr("unknown curve"));
}

TEST(ParseWebConfig, RefusesPasswordsThatAreNoHashesAndTellsNone) {
  for (const char* password :
       {"secret", "$2y$10$short", "$2x$10$QOauhQNbBCuQDKes6eFzPeMqBSjb7Mr5DUmpZ/VcEd00UAV/LDeSi",
        "$2y$03$QOauhQNbBCuQDKes6eFzPeMqBSjb7Mr5DUmpZ/VcEd00UAV/LDeSi",
        "$2y$1a$QOauhQNbBCuQDKes6eFzPeMqBSjb7Mr5DUmpZ/VcEd00UAV/LDeSi",
        "$2y$10$QOauhQNbBCuQDKes6eFzPeMqBSjb7Mr5DUmpZ/VcEd00UAV/LDe:i"}) {
    const std::string error =
        error_of("basic_auth_users:\n  bob: \"" + std::string(password) + "\"\n");
    EXPECT_THAT(error, HasSubstr("line 2: basic_auth_users: the password of \"bob\" is no bcrypt"));
    EXPECT_THAT(error, Not(HasSubstr(password)));
  }
  EXPECT_THAT(error_of("basic_auth_users:\n"
                       "  bob: $2y$17$QOauhQNbBCuQDKes6eFzPeMqBSjb7Mr5DUmpZ/VcEd00UAV/LDeSi\n"),
              HasSubstr("has the cost 17"));
  EXPECT_THAT(error_of("basic_auth_users:\n  \"a:b\": " + std::string(kHash) + "\n"),
              HasSubstr("a name with a colon"));
}

TEST(ParseWebConfig, RefusesFieldsThatMayNotBeSet) {
  const std::string headers = "http_server_config:\n  headers:\n    ";
  EXPECT_THAT(error_of(headers + "Set-Cookie: a\n"),
              HasSubstr("line 3: headers: \"Set-Cookie\" can't be set"));
  EXPECT_THAT(error_of(headers + "X-Frame-Options: allow\n"), HasSubstr("deny, sameorigin"));
  EXPECT_THAT(error_of(headers + "X-Content-Type-Options: sniff\n"), HasSubstr("nosniff"));
  EXPECT_THAT(error_of(headers + "Content-Security-Policy: \"a\\r\\nSet-Cookie: b\"\n"),
              HasSubstr("a character that no field has"));
}

TEST(ParseWebConfig, SaysThatItSpeaksNoHttp2) {
  EXPECT_THAT(parsed("http_server_config: {http2: true}\n").notes, ElementsAre(HasSubstr("http2")));
  EXPECT_THAT(error_of("http_server_config: {http2: perhaps}\n"), HasSubstr("true or false"));
}

TEST(ParseWebConfig, RefusesARateThatLetsNobodyIn) {
  EXPECT_THAT(error_of("rate_limit: {interval: 1s}\n"), HasSubstr("give burst"));
  EXPECT_THAT(error_of("rate_limit: {interval: 1, burst: 2}\n"), HasSubstr("no duration"));
  EXPECT_THAT(error_of("rate_limit: {interval: 1s, burst: -1}\n"), HasSubstr("no number"));
  EXPECT_FALSE(parsed("rate_limit: {interval: 0, burst: 2}\n").rate_limit);
}

TEST(ParseWebConfig, RefusesASecondDocument) {
  EXPECT_EQ(error_of("rate_limit:\n---\nrate_limit:\n"),
            "web config /etc/exporter/web.yml, line 2: a second document begins; one is read");
  EXPECT_EQ(error_of("---\n---\n").substr(0, 41), "web config /etc/exporter/web.yml, line 2:");
  EXPECT_EQ(parsed("# why\n\n---\nrate_limit:\n"), WebConfig{});
}

TEST(ParseWebConfig, LeavesNothingOutInSilence) {
  EXPECT_THAT(error_of("rate_limit: {}\n}\nbasic_auth_users: {}\n"), HasSubstr("web.yml"));
  EXPECT_THAT(error_of("{rate_limit: {}}\nbasic_auth_users: {}\n"), HasSubstr("web.yml"));
  EXPECT_THAT(error_of("rate_limit:\n...\nbasic_auth_users: {}\n"), HasSubstr("web.yml"));
  EXPECT_EQ(parsed("rate_limit: {} # the end\n\n# nothing more\n"), WebConfig{});
}

TEST(ParseWebConfig, EndsAlsoOfHostileTexts) {
  EXPECT_FALSE(parse_web_config(",<: !", kPath));
  std::string deep;
  for (int i = 0; i < 200'000; ++i) deep += '[';
  EXPECT_FALSE(parse_web_config(deep, kPath));
  EXPECT_FALSE(parse_web_config(std::string(webconfig::kMaxFileBytes + 1, '#'), kPath));
  std::string laughs = "a: &a [x]\n";
  for (char c = 'b'; c < 'z'; ++c) {
    laughs += fmt::format("{0}: &{0} [*{1}, *{1}, *{1}, *{1}, *{1}, *{1}, *{1}, *{1}]\n", c,
                          static_cast<char>(c - 1));
  }
  EXPECT_FALSE(parse_web_config(laughs, kPath));
}

TEST(ReadWebConfig, NamesTheFileThatIsMissing) {
  const auto missing = webconfig::read_web_config("/nowhere/web.yml");
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().message, "read web config /nowhere/web.yml: No such file or directory");
  WebConfig config = parsed("tls_server_config: {cert_file: /nowhere/a, key_file: b}\n");
  const auto named = read_named_files(config);
  ASSERT_FALSE(named);
  EXPECT_EQ(named.error().message, "read cert_file /nowhere/a: No such file or directory");
}

TEST(ParseDuration, TakesWhatGoTakes) {
  EXPECT_EQ(parse_duration("0"), nanoseconds(0));
  EXPECT_EQ(parse_duration("1s"), seconds(1));
  EXPECT_EQ(parse_duration("1.5s"), milliseconds(1'500));
  EXPECT_EQ(parse_duration("2h3m4s5ms6us7ns"), std::chrono::hours(2) + std::chrono::minutes(3) +
                                                   seconds(4) + milliseconds(5) +
                                                   std::chrono::microseconds(6) + nanoseconds(7));
  for (const char* text :
       {"", "1", "s", "-1s", "1x", "1s2", "inf s", "nans", "1e3s", "25h", "+1s"}) {
    EXPECT_FALSE(parse_duration(text)) << text;
  }
}

}  // namespace
