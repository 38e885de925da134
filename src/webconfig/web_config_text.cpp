// What each key means. Faults are exceptions (yaml_keys.h); none leaves this file.
#include <fmt/format.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <map>
#include <sstream>

#include "webconfig/duration.h"
#include "webconfig/password_checks.h"
#include "webconfig/tls_names.h"
#include "webconfig/web_config.h"
#include "webconfig/yaml_keys.h"

namespace webconfig {
namespace {

using YAML::Node;

// One document.
class Reader {
 public:
  explicit Reader(const std::string& path)
      : directory_(std::filesystem::path(path).parent_path()) {}

  WebConfig read(const Node& document) {
    take_keys(document, "the file",
              {{"tls_server_config", [this](const Node& node) { read_tls(node); }},
               {"http_server_config", [this](const Node& node) { read_http(node); }},
               {"basic_auth_users", [this](const Node& node) { read_users(node); }},
               {"rate_limit", [this](const Node& node) { read_rate_limit(node); }}});
    return std::move(config_);
  }

 private:
  std::string path_of(const Node& node, std::string_view key) const {
    const std::string text = text_of(node, key);
    return text.empty() ? "" : (directory_ / text).string();
  }

  void read_tls(const Node& node) {
    if (node.IsNull() || (node.IsMap() && node.size() == 0)) return;
    TlsConfig& tls = config_.tls.emplace();
    take_keys(
        node, "tls_server_config",
        {{"cert", [&](const Node& n) { tls.certificate.text = text_of(n, "cert"); }},
         {"key", [&](const Node& n) { tls.key.text = text_of(n, "key"); }},
         {"client_ca", [&](const Node& n) { tls.client_ca.text = text_of(n, "client_ca"); }},
         {"cert_file", [&](const Node& n) { tls.certificate.file = path_of(n, "cert_file"); }},
         {"key_file", [&](const Node& n) { tls.key.file = path_of(n, "key_file"); }},
         {"client_ca_file",
          [&](const Node& n) { tls.client_ca.file = path_of(n, "client_ca_file"); }},
         {"client_auth_type", [&](const Node& n) { tls.client_auth = client_auth(n); }},
         {"client_allowed_sans",
          [&](const Node& n) { tls.client_allowed_sans = texts_of(n, "client_allowed_sans"); }},
         {"min_version", [&](const Node& n) { tls.min_version = min_version(n); }},
         {"max_version", [&](const Node& n) { tls.max_version = max_version(n); }},
         {"cipher_suites", [&](const Node& n) { read_cipher_suites(n, tls); }},
         {"curve_preferences", [&](const Node& n) { tls.curves = curves(n); }},
         {"prefer_server_cipher_suites", [&](const Node& n) {
            tls.prefers_own_ciphers = bool_of(n, "prefer_server_cipher_suites");
          }}});
    check_pems(node, tls);
    check_client_auth(node, tls);
    // All that was named is of TLS 1.3: nothing else is to be spoken, whatever min_version says.
    if (are_suites_of_tls13_ && tls.max_version < TlsVersion::kTls13) {
      fault(node, "cipher_suites are all of TLS 1.3, above max_version");
    }
    if (are_suites_of_tls13_) tls.min_version = TlsVersion::kTls13;
    if (tls.min_version > tls.max_version) fault(node, "min_version is above max_version");
  }

  static void check_pems(const Node& node, const TlsConfig& tls) {
    using NamedPem = std::pair<std::string_view, const Pem*>;
    for (const auto& [name, pem] : {NamedPem{"cert", &tls.certificate}, NamedPem{"key", &tls.key},
                                    NamedPem{"client_ca", &tls.client_ca}}) {
      if (!pem->file.empty() && !pem->text.empty()) {
        fault(node, "tls_server_config: both {0} and {0}_file are given: give one", name);
      }
    }
    if (!tls.certificate.is_given()) fault(node, "tls_server_config: give cert_file or cert");
    if (!tls.key.is_given()) fault(node, "tls_server_config: give key_file or key");
  }

  static void check_client_auth(const Node& node, const TlsConfig& tls) {
    const bool verifies = tls.client_auth == ClientAuth::kVerifyIfGiven ||
                          tls.client_auth == ClientAuth::kRequireAndVerify;
    if (verifies && !tls.client_ca.is_given()) {
      fault(node,
            "client_auth_type: give client_ca_file, too: otherwise everybody whom any public "
            "authority knows would be let in");
    }
    if (!verifies && tls.client_ca.is_given()) {
      fault(node,
            "client_ca_file: nobody's certificate is verified; give client_auth_type: "
            "RequireAndVerifyClientCert, too");
    }
    if (!tls.client_allowed_sans.empty() && tls.client_auth != ClientAuth::kRequireAndVerify) {
      fault(node,
            "client_allowed_sans: anybody may write a name into a certificate; give "
            "client_auth_type: RequireAndVerifyClientCert, too");
    }
  }

  static ClientAuth client_auth(const Node& node) {
    const std::string name = text_of(node, "client_auth_type");
    const auto auth = client_auth_of(name);
    if (!auth) {
      fault(node,
            "client_auth_type: unknown \"{}\" (known: NoClientCert, RequestClientCert, "
            "RequireAnyClientCert, VerifyClientCertIfGiven, RequireAndVerifyClientCert)",
            name);
    }
    return *auth;
  }

  TlsVersion min_version(const Node& node) {
    const std::string name = text_of(node, "min_version");
    if (name == "TLS13") return TlsVersion::kTls13;
    if (name == "TLS10" || name == "TLS11") {
      config_.notes.push_back(
          fmt::format("min_version: {}: TLS 1.2 is the oldest version that is spoken here", name));
    } else if (name != "TLS12") {
      fault(node, "min_version: unknown TLS version \"{}\" (known: TLS10 to TLS13)", name);
    }
    return TlsVersion::kTls12;
  }

  static TlsVersion max_version(const Node& node) {
    const std::string name = text_of(node, "max_version");
    if (name == "TLS13") return TlsVersion::kTls13;
    if (name == "TLS12") return TlsVersion::kTls12;
    if (name == "TLS10" || name == "TLS11") {
      fault(node, "max_version: {}: TLS 1.2 is the oldest version that is spoken here", name);
    }
    fault(node, "max_version: unknown TLS version \"{}\" (known: TLS12, TLS13)", name);
  }

  void read_cipher_suites(const Node& node, TlsConfig& tls) {
    const std::vector<Node> list = list_of(node, "cipher_suites");
    for (const Node& one : list) {
      const std::string name = text_of(one, "cipher_suites");
      const auto suite = cipher_suite_of(name);
      if (!suite) fault(one, "cipher_suites: unknown or insecure suite \"{}\"", name);
      if (!suite->openssl_name.empty()) tls.cipher_suites.emplace_back(suite->openssl_name);
    }
    are_suites_of_tls13_ = !list.empty() && tls.cipher_suites.empty();
  }

  static std::vector<std::string> curves(const Node& node) {
    std::vector<std::string> all;
    for (const Node& one : list_of(node, "curve_preferences")) {
      const std::string name = text_of(one, "curve_preferences");
      const auto curve = curve_of(name);
      if (!curve) {
        fault(one,
              "curve_preferences: unknown curve \"{}\" (known: CurveP256, CurveP384, CurveP521, "
              "X25519)",
              name);
      }
      all.emplace_back(*curve);
    }
    return all;
  }

  void read_http(const Node& node) {
    take_keys(node, "http_server_config",
              {{"http2",
                [this](const Node& n) {
                  if (!bool_of(n, "http2")) return;
                  config_.notes.emplace_back("http2: true: HTTP/1.1 is all that is spoken here");
                }},
               {"headers", [this](const Node& n) { read_headers(n); }}});
  }

  void read_headers(const Node& node) {
    each_entry(node, "headers", [this](const Node& name, const Node& value) {
      const std::string text = text_of(value, name.Scalar());
      check_header(name, value, text);
      if (!text.empty()) config_.headers.emplace_back(name.Scalar(), text);
    });
  }

  static void check_header(const Node& name, const Node& value, const std::string& text) {
    static const std::map<std::string, std::vector<std::string>> allowed{
        {"Content-Security-Policy", {}},
        {"Strict-Transport-Security", {}},
        {"X-Content-Type-Options", {"nosniff"}},
        {"X-Frame-Options", {"deny", "sameorigin"}},
        {"X-XSS-Protection", {}}};
    const auto found = allowed.find(name.Scalar());
    if (found == allowed.end()) {
      fault(name,
            "headers: \"{}\" can't be set (known: Content-Security-Policy, "
            "Strict-Transport-Security, X-Content-Type-Options, X-Frame-Options, "
            "X-XSS-Protection)",
            name.Scalar());
    }
    const auto& values = found->second;
    if (!text.empty() && !values.empty() &&
        std::find(values.begin(), values.end(), text) == values.end()) {
      fault(value, "headers: {} can't be \"{}\" (known: {})", name.Scalar(), text,
            fmt::join(values, ", "));
    }
    const bool is_plain =
        std::all_of(text.begin(), text.end(), [](char c) { return c >= ' ' && c <= '~'; });
    if (!is_plain) fault(value, "headers: {} has a character that no field has", name.Scalar());
  }

  void read_users(const Node& node) {
    each_entry(node, "basic_auth_users", [this](const Node& name, const Node& value) {
      const std::string& user = name.Scalar();
      if (user.find(':') != std::string::npos || user.find('\0') != std::string::npos) {
        fault(name, "basic_auth_users: a name with a colon or a byte 0 can't be given by a client");
      }
      const std::string hash = text_of(value, "basic_auth_users");
      const auto cost = bcrypt_cost(hash);
      if (!cost) {
        fault(value,
              "basic_auth_users: the password of \"{}\" is no bcrypt hash such as $2y$10$... (make "
              "one with `htpasswd -nBC 10 {}`)",
              user, user);
      }
      if (*cost > kMaxBcryptCost) {
        fault(value,
              "basic_auth_users: the hash of \"{}\" has the cost {}, which takes longer than a "
              "scrape may: {} at most",
              user, *cost, kMaxBcryptCost);
      }
      if (config_.users.size() >= kMaxUsers) {
        fault(name, "basic_auth_users: more than {}", kMaxUsers);
      }
      config_.users.push_back({user, hash});
    });
  }

  void read_rate_limit(const Node& node) {
    RateLimit limit;
    take_keys(node, "rate_limit",
              {{"interval", [&](const Node& n) { limit.interval = interval(n); }},
               {"burst", [&](const Node& n) { limit.burst = burst(n); }}});
    if (limit.interval.count() == 0) return;
    if (limit.burst == 0) fault(node, "rate_limit: give burst, above 0, too: nobody would get in");
    config_.rate_limit = limit;
  }

  static std::chrono::nanoseconds interval(const Node& node) {
    const std::string text = text_of(node, "interval");
    const auto parsed = parse_duration(text);
    if (!parsed) fault(node, "interval: \"{}\" is no duration such as 100ms, a day at most", text);
    return *parsed;
  }

  static std::uint32_t burst(const Node& node) {
    constexpr std::uint32_t kMaxBurst = 1'000'000;
    const std::string text = text_of(node, "burst");
    std::uint32_t number = 0;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
    if (read.ec != std::errc{} || read.ptr != text.data() + text.size() || number > kMaxBurst) {
      fault(node, "burst: \"{}\" is no number from 0 to {}", text, kMaxBurst);
    }
    return number;
  }

  const std::filesystem::path directory_;
  bool are_suites_of_tls13_ = false;
  WebConfig config_;
};

// Where a line that parts documents stands after anything else; YAML::LoadAll, which would tell,
// never ends with some texts. 0: nowhere.
std::size_t line_of_second_document(std::string_view text) {
  bool has_begun = false;
  for (std::size_t line = 1; !text.empty(); ++line) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view one = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    const bool parts = one.starts_with("---") &&
                       (one.size() == 3 || one[3] == ' ' || one[3] == '\t' || one[3] == '\r');
    if (parts && has_begun) return line;
    const bool is_empty = one.find_first_not_of(" \t\r") == std::string_view::npos ||
                          one.front() == '#' || one.front() == '%';
    has_begun = has_begun || parts || !is_empty;
  }
  return 0;
}

// Hears a document and keeps nothing of it.
class Deaf final : public YAML::EventHandler {
 public:
  void OnDocumentStart(const YAML::Mark&) override {}
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark&, YAML::anchor_t) override {}
  void OnAlias(const YAML::Mark&, YAML::anchor_t) override {}
  void OnScalar(const YAML::Mark&, const std::string&, YAML::anchor_t,
                const std::string&) override {}
  void OnSequenceStart(const YAML::Mark&, const std::string&, YAML::anchor_t,
                       YAML::EmitterStyle::value) override {}
  void OnSequenceEnd() override {}
  void OnMapStart(const YAML::Mark&, const std::string&, YAML::anchor_t,
                  YAML::EmitterStyle::value) override {}
  void OnMapEnd() override {}
};

// Whether anything stands behind the first document, which YAML::Load would leave out in silence:
// that could be the passwords.
bool has_rest(const std::string& text) {
  std::istringstream stream(text);
  YAML::Parser parser(stream);
  Deaf deaf;
  return parser.HandleNextDocument(deaf) && static_cast<bool>(parser);
}

}  // namespace

base::Result<WebConfig> parse_web_config(std::string_view text, const std::string& path) {
  if (text.size() > kMaxFileBytes) {
    return base::fail("web config {}: longer than {} bytes", path, kMaxFileBytes);
  }
  if (const std::size_t line = line_of_second_document(text); line != 0) {
    return base::fail("web config {}, line {}: a second document begins; one is read", path, line);
  }
  try {
    const std::string whole(text);
    if (has_rest(whole)) {
      return base::fail("web config {}: no YAML from somewhere on: a bracket too many?", path);
    }
    return Reader(path).read(YAML::Load(whole));
  } catch (const YAML::Exception& error) {
    if (error.mark.is_null()) return base::fail("web config {}: {}", path, error.msg);
    return base::fail("web config {}, line {}: {}", path, error.mark.line + 1, error.msg);
  } catch (const std::exception& error) {
    return base::fail("web config {}: {}", path, error.what());
  }
}

}  // namespace webconfig
