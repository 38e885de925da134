#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "base/owned.h"
#include "base/unique_fd.h"
#include "http/tls_transport.h"
#include "http_tls_support.h"

namespace {

using http_test::certificates;
using http_test::Clock;
using http_test::patient;
using http_test::RawClient;
using http_test::TlsLoop;
using http_test::with_client_auth;
using http_test::with_tls;
using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::HasSubstr;
using webconfig::ClientAuth;

constexpr const char* kVerified = "encrypted, verified\n";
constexpr const char* kStranger = "encrypted, stranger\n";

template <typename Condition>
bool comes(const Condition& condition) {
  const auto deadline = Clock::now() + seconds(10);
  while (!condition() && Clock::now() < deadline) std::this_thread::yield();
  return condition();
}

TEST(Tls, ServesWhoTrustsIt) {
  const TlsLoop loop(with_tls());
  EXPECT_EQ(loop.who(), kStranger);
}

TEST(Tls, ServesSeveralRequestsOnOneConnection) {
  const TlsLoop loop(with_tls());
  const auto client = loop.client();
  client->set_keep_alive(true);
  for (int i = 0; i < 10; ++i) EXPECT_EQ(client->Get("/small")->body.size(), 6U);
}

TEST(Tls, ServesLargeAnswersWhole) {
  const TlsLoop loop(with_tls());
  for (const bool keeps : {true, false}) {
    const auto client = loop.client();
    client->set_keep_alive(keeps);
    const auto response = client->Get("/huge");
    ASSERT_TRUE(response);
    EXPECT_EQ(response->body.size(), http_test::kHugeBytes);
  }
}

TEST(Tls, IsNotServedToWhoTrustsSomebodyElse) {
  const TlsLoop loop(with_tls());
  httplib::SSLClient client("127.0.0.1", loop.port());
  ::X509_STORE_add_cert(::SSL_CTX_get_cert_store(client.ssl_context()),
                        certificates().other_ca.certificate.get());
  client.enable_server_certificate_verification(true);
  EXPECT_FALSE(client.Get("/who"));
}

TEST(Tls, SaysSoToWhoSpeaksHttp) {
  const TlsLoop loop(with_tls());
  RawClient client(loop.port());
  client.send(http_test::kSmall);
  EXPECT_THAT(client.receive_until("https://\n"), HasSubstr("400 Bad Request"));
}

TEST(Tls, IsNotSpokenInOldVersions) {
  const TlsLoop loop(with_tls());
  const auto client = loop.client();
  ::SSL_CTX_set_security_level(client->ssl_context(), 0);
  ::SSL_CTX_set_min_proto_version(client->ssl_context(), TLS1_VERSION);
  ::SSL_CTX_set_max_proto_version(client->ssl_context(), TLS1_1_VERSION);
  EXPECT_FALSE(client->Get("/who"));
}

TEST(Tls, IsSpokenInTheVersionsThatAreAskedFor) {
  auto config = with_tls();
  config.tls->min_version = webconfig::TlsVersion::kTls13;
  const TlsLoop loop(config);
  const auto client = loop.client();
  ::SSL_CTX_set_max_proto_version(client->ssl_context(), TLS1_2_VERSION);
  EXPECT_FALSE(client->Get("/who"));
  EXPECT_EQ(loop.who(), kStranger);
}

TEST(Tls, IsSpokenByTheCiphersThatAreAskedFor) {
  auto config = with_tls();
  config.tls->max_version = webconfig::TlsVersion::kTls12;
  config.tls->cipher_suites = {"ECDHE-ECDSA-CHACHA20-POLY1305"};
  config.tls->curves = {"P-384"};
  const TlsLoop loop(config);
  EXPECT_EQ(loop.who(), kStranger);
  const auto client = loop.client();
  ::SSL_CTX_set_cipher_list(client->ssl_context(), "ECDHE-ECDSA-AES128-GCM-SHA256");
  EXPECT_FALSE(client->Get("/who"));
}

TEST(Tls, IsHttp1ForWhoAsksForHttp2First) {
  const TlsLoop loop(with_tls());
  const auto client = loop.client();
  const unsigned char both[] = "\x02h2\x08http/1.1";
  ::SSL_CTX_set_alpn_protos(client->ssl_context(), both, sizeof both - 1);
  const auto response = client->Get("/who");
  ASSERT_TRUE(response);
  EXPECT_EQ(response->body, kStranger);
  const auto only_http2 = loop.client();
  ::SSL_CTX_set_alpn_protos(only_http2->ssl_context(), both, 3);
  EXPECT_FALSE(only_http2->Get("/who"));
}

// Of what a client prepares at leisure and then sends at once: updates of keys, 27 bytes each.
std::string key_updates(SSL* client, int count) {
  BIO* const memory = ::BIO_new(::BIO_s_mem());
  ::SSL_set0_wbio(client, memory);
  for (int i = 0; i < count; ++i) {
    EXPECT_EQ(::SSL_key_update(client, SSL_KEY_UPDATE_NOT_REQUESTED), 1);
    EXPECT_EQ(::SSL_do_handshake(client), 1);
  }
  char* bytes = nullptr;
  const long size = BIO_get_mem_data(memory, &bytes);
  return {bytes, static_cast<std::size_t>(size)};
}

TEST(Tls, EndsACallThatRecordsWithoutContentWouldProlong) {
  const auto context = http::TlsContext::create(*with_tls().tls);
  ASSERT_TRUE(context);
  int ends[2];
  ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends), 0);
  const base::UniqueFd far_end(ends[1]);
  const auto server = http::TlsTransport::create(base::UniqueFd(ends[0]), *context);
  const base::Owned<SSL_CTX, ::SSL_CTX_free> client_context(::SSL_CTX_new(::TLS_client_method()));
  const base::Owned<SSL, ::SSL_free> client(::SSL_new(client_context.get()));
  ::SSL_set_fd(client.get(), far_end.get());
  ::SSL_set_connect_state(client.get());
  std::array<char, 1'024> text;
  while (!server->is_open()) {
    ::SSL_do_handshake(client.get());
    ASSERT_EQ(server->receive(text.data(), text.size()).state, http::Moved::State::kWaitReadable);
  }
  const std::string updates = key_updates(client.get(), 1'000);
  ASSERT_EQ(::write(far_end.get(), updates.data(), updates.size()),
            static_cast<ssize_t>(updates.size()));
  EXPECT_EQ(server->receive(text.data(), text.size()).state, http::Moved::State::kWaitReadable);
  int unread = 0;
  ASSERT_EQ(::ioctl(ends[0], FIONREAD, &unread), 0);
  EXPECT_GT(static_cast<std::size_t>(unread), updates.size() - updates.size() / 10);
  // They are no fault: all of them are taken, in more calls.
  while (unread > 0) {
    ASSERT_EQ(server->receive(text.data(), text.size()).state, http::Moved::State::kWaitReadable);
    ASSERT_EQ(::ioctl(ends[0], FIONREAD, &unread), 0);
  }
}

TEST(ClientCertificates, LetInWhoHasAGoodOne) {
  const TlsLoop loop(with_client_auth(ClientAuth::kRequireAndVerify));
  EXPECT_EQ(loop.who(&certificates().client), kVerified);
}

TEST(ClientCertificates, KeepOutWhoHasNoneOrABadOne) {
  const TlsLoop loop(with_client_auth(ClientAuth::kRequireAndVerify));
  EXPECT_EQ(loop.who(), "");
  EXPECT_EQ(loop.who(&certificates().stranger), "");
  EXPECT_EQ(loop.who(&certificates().expired), "");
  EXPECT_TRUE(comes([&] { return loop.drops().refused_certificates == 3; }))
      << loop.drops().refused_certificates;
}

TEST(ClientCertificates, MayBeLeftOutWhereTheyNeedNotBeGiven) {
  const TlsLoop loop(with_client_auth(ClientAuth::kVerifyIfGiven));
  EXPECT_EQ(loop.who(), kStranger);
  EXPECT_EQ(loop.who(&certificates().client), kVerified);
  EXPECT_EQ(loop.who(&certificates().stranger), "");
}

TEST(ClientCertificates, ProveNothingWhereTheyAreNotVerified) {
  const TlsLoop any(with_client_auth(ClientAuth::kRequireAny));
  EXPECT_EQ(any.who(), "");
  EXPECT_EQ(any.who(&certificates().stranger), kStranger);
  EXPECT_EQ(any.who(&certificates().client), kStranger);
  const TlsLoop requested(with_client_auth(ClientAuth::kRequest));
  EXPECT_EQ(requested.who(), kStranger);
  EXPECT_EQ(requested.who(&certificates().stranger), kStranger);
}

TEST(ClientCertificates, NeedOneOfTheNames) {
  auto config = with_client_auth(ClientAuth::kRequireAndVerify);
  config.tls->client_allowed_sans = {"10.0.0.1", "prometheus"};
  const TlsLoop loop(config);
  EXPECT_EQ(loop.who(&certificates().client), kVerified);
  EXPECT_EQ(loop.who(&certificates().server), "");  // of the right authority, with other names
  EXPECT_TRUE(comes([&] { return loop.drops().refused_certificates == 1; }));
}

TEST(TlsReload, LosesNoRequestAndEndsOldConnections) {
  TlsLoop loop(with_tls());
  std::atomic<bool> stop{false};
  std::atomic<int> answered{0};
  std::atomic<int> failed{0};
  std::vector<std::jthread> clients;
  for (int i = 0; i < 4; ++i) {
    clients.emplace_back([&] {
      const auto client = loop.client();
      client->set_keep_alive(true);
      while (!stop) {
        const auto response = client->Get("/small");
        ++(response && response->status == 200 ? answered : failed);
      }
    });
  }
  for (int round = 0; round < 20; ++round) {
    const int before = answered;
    const auto made = test::make_certificate({.name = "server " + std::to_string(round),
                                              .sans = "IP:127.0.0.1",
                                              .issuer = &certificates().ca});
    auto config = with_tls();
    config.tls->certificate.text = certificate_pem(made);
    config.tls->key.text = key_pem(made);
    loop.set(config);
    EXPECT_TRUE(comes([&] { return answered > before + 20; }));
  }
  stop = true;
  clients.clear();
  EXPECT_EQ(failed, 0) << answered;
}

TEST(TlsReload, GoesFromPlainToTlsAndBack) {
  TlsLoop loop(webconfig::WebConfig{});
  RawClient plain(loop.port());
  const std::string ask = "GET /who HTTP/1.1\r\nHost: x\r\n\r\n";
  plain.send(ask);
  EXPECT_THAT(plain.receive_until("stranger\n"), HasSubstr("Keep-Alive"));
  loop.set(with_tls());
  EXPECT_EQ(loop.who(), kStranger);
  plain.send(ask);
  EXPECT_THAT(plain.receive_until("plain, stranger\n"), HasSubstr("Connection: close"));
  EXPECT_TRUE(plain.is_closed());
  loop.set(webconfig::WebConfig{});
  RawClient again(loop.port());
  again.send(ask);
  EXPECT_THAT(again.receive_until("stranger\n"), HasSubstr("200"));
}

// Each has said hello and then nothing: what the server answers waits for it.
TEST(HalfHandshakes, HoldNobodyUp) {
  http::Limits limits = patient();
  limits.connections = 64;
  const TlsLoop loop(with_tls(), limits);
  const auto kept = loop.client();
  kept->set_keep_alive(true);
  ASSERT_TRUE(kept->Get("/small"));
  std::vector<std::unique_ptr<RawClient>> crowd;
  milliseconds slowest{0};
  for (int i = 0; i < 300; ++i) {
    crowd.push_back(std::make_unique<RawClient>(loop.port()));
    crowd.back()->send(std::string("\x16\x03\x01\x00\xc8\x01\x00\x00\xc4\x03\x03", 11));
    if (i % 30 != 0) continue;
    const auto begun = Clock::now();
    EXPECT_TRUE(kept->Get("/small")) << i;
    EXPECT_EQ(loop.who(), kStranger) << i;
    slowest = std::max(slowest, std::chrono::duration_cast<milliseconds>(Clock::now() - begun));
  }
  EXPECT_LT(slowest, milliseconds(2'000));
  EXPECT_GT(loop.drops().connections, 0U);
}

TEST(HalfHandshakes, EndWhenTheyTakeTooLong) {
  http::Limits limits = patient();
  limits.request = milliseconds(50);
  const TlsLoop loop(with_tls(), limits);
  RawClient client(loop.port());
  client.send(std::string("\x16\x03\x01\x00\xc8", 5));
  EXPECT_TRUE(client.is_closed());
  EXPECT_TRUE(comes([&] { return loop.drops().slow_handshakes == 1; }));
}

// A file that is half written: what is whole in it would be served as if it were all.
TEST(TlsContext, TakesNoChainThatIsCut) {
  auto config = *with_tls().tls;
  const std::string second = certificate_pem(certificates().ca);
  config.certificate.text += second;
  EXPECT_TRUE(http::TlsContext::create(config));
  config.certificate.text.resize(config.certificate.text.size() - second.size() / 2);
  const auto made = http::TlsContext::create(config);
  ASSERT_FALSE(made);
  EXPECT_THAT(made.error().message, HasSubstr("certificate number 2 in it is damaged"));
}

TEST(TlsContext, NamesTheFileThatIsWrong) {
  const auto error_of = [](const webconfig::TlsConfig& config) {
    const auto made = http::TlsContext::create(config);
    return made ? "" : made.error().message;
  };
  auto config = *with_tls().tls;
  config.certificate.file = "/etc/web.crt";
  config.certificate.text = "nothing";
  EXPECT_EQ(error_of(config), "use certificate /etc/web.crt: no certificate in PEM form in it");
  config = *with_tls().tls;
  config.key.file = "/etc/web.key";
  config.key.text = key_pem(certificates().client);
  EXPECT_THAT(error_of(config), HasSubstr("use key /etc/web.key: it does not belong to the "
                                          "certificate cert in the configuration"));
  config.key.text = "";
  EXPECT_THAT(error_of(config), HasSubstr("use key /etc/web.key: no key in PEM form in it"));
  config = *with_client_auth(ClientAuth::kRequireAndVerify).tls;
  config.client_ca.text = "-----BEGIN CERTIFICATE-----\nx\n-----END CERTIFICATE-----\n";
  EXPECT_THAT(error_of(config), HasSubstr("client_ca in the configuration"));
}

TEST(TlsContext, KnowsUntilWhenItsCertificateHolds) {
  const auto made = http::TlsContext::create(*with_tls().tls);
  ASSERT_TRUE(made);
  const auto left_s = (*made)->not_after_unix_s() - std::time(nullptr);
  EXPECT_GT(left_s, 3'000);
  EXPECT_LE(left_s, 3'600);
}

}  // namespace
