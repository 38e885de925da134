// A server that speaks TLS, with certificates of the test's, and clients that trust them.
#pragma once

#include <gtest/gtest.h>
#include <httplib.h>
#include <openssl/ssl.h>

#include <memory>
#include <string>
#include <utility>

#include "http/connection_loop.h"
#include "http/web_settings.h"
#include "http_loop_support.h"
#include "support/certificates.h"

namespace http_test {

// Made once: they are only looked at.
struct Certificates {
  test::MadeCertificate ca = test::make_certificate({.name = "ca", .is_authority = true});
  test::MadeCertificate other_ca = test::make_certificate({.name = "other", .is_authority = true});
  test::MadeCertificate server = test::make_certificate(
      {.name = "server", .sans = "DNS:localhost,IP:127.0.0.1", .issuer = &ca});
  test::MadeCertificate client =
      test::make_certificate({.name = "client", .sans = "DNS:prometheus", .issuer = &ca});
  test::MadeCertificate stranger =
      test::make_certificate({.name = "client", .sans = "DNS:prometheus", .issuer = &other_ca});
  test::MadeCertificate expired = test::make_certificate(
      {.name = "client", .sans = "DNS:prometheus", .issuer = &ca, .valid_until_s = -60});
};

inline const Certificates& certificates() {
  static const Certificates made;
  return made;
}

inline webconfig::WebConfig with_tls() {
  webconfig::WebConfig config;
  config.tls.emplace();
  config.tls->certificate.text = certificate_pem(certificates().server);
  config.tls->key.text = key_pem(certificates().server);
  return config;
}

inline webconfig::WebConfig with_client_auth(webconfig::ClientAuth auth) {
  webconfig::WebConfig config = with_tls();
  config.tls->client_auth = auth;
  config.tls->client_ca.text = certificate_pem(certificates().ca);
  return config;
}

// Says what it knows of the client.
inline void say_who(const http::Request& request, http::Response& response) {
  if (request.path != "/who") return small_or_huge(request, response);
  response.content_type = "text/plain";
  response.body = std::string(request.is_encrypted ? "encrypted" : "plain") +
                  (request.has_verified_client ? ", verified\n" : ", stranger\n");
}

class TlsLoop {
 public:
  explicit TlsLoop(webconfig::WebConfig config, const http::Limits& limits = patient()) {
    set(std::move(config));
    auto listening = http::listen_on({"127.0.0.1", 0});
    EXPECT_TRUE(listening);
    port_ = http::port_of(listening->front().get()).value();
    auto loop = http::ConnectionLoop::start(std::move(*listening), say_who, drops_, limits,
                                            {settings_, counts_});
    EXPECT_TRUE(loop);
    loop_ = std::move(*loop);
  }

  void set(webconfig::WebConfig config) {
    const auto set = settings_->set(std::move(config));
    EXPECT_TRUE(set) << set.error().message;
  }
  std::uint16_t port() const { return port_; }
  const http::DropCounts& drops() const { return drops_; }

  // Trusts our CA; shows a certificate if it is given one.
  std::unique_ptr<httplib::SSLClient> client(const test::MadeCertificate* own = nullptr) const {
    auto client = own == nullptr ? std::make_unique<httplib::SSLClient>("127.0.0.1", port_)
                                 : std::make_unique<httplib::SSLClient>(
                                       "127.0.0.1", port_, own->certificate.get(), own->key.get());
    ::X509_STORE_add_cert(::SSL_CTX_get_cert_store(client->ssl_context()),
                          certificates().ca.certificate.get());
    client->enable_server_certificate_verification(true);
    client->set_read_timeout(std::chrono::seconds(10));
    return client;
  }
  // What /who says; empty: it is not let in.
  std::string who(const test::MadeCertificate* own = nullptr) const {
    const auto response = client(own)->Get("/who");
    return response ? response->body : "";
  }

 private:
  const std::shared_ptr<http::SharedSettings> settings_ = std::make_shared<http::SharedSettings>();
  const std::shared_ptr<http::RequestCounts> counts_ = std::make_shared<http::RequestCounts>();
  http::DropCounts drops_;
  std::uint16_t port_ = 0;
  std::unique_ptr<http::ConnectionLoop> loop_;
};

}  // namespace http_test
