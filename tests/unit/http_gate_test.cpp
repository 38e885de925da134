#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/un.h>

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <vector>

#include "http/gate.h"
#include "http/routes.h"
#include "http/socket_address.h"
#include "http/systemd_sockets.h"
#include "http/web_settings.h"
#include "http_loop_support.h"

namespace {

using http_test::always;
using http_test::patient;
using http_test::port_of;
using http_test::RawClient;
using http_test::snapshot_of;
using testing::HasSubstr;
using testing::Not;
using testing::UnorderedElementsAre;

// Of "open sesame".
constexpr const char* kHash = "$2b$04$abcdefghijklmnopqrstuu/LVz6MZlItEy42I2juLihZ66HnQx/cy";

webconfig::WebConfig with_alice();

class Guarded : public testing::Test {
 protected:
  explicit Guarded(http::ServerConfig config = {{{"127.0.0.1", 0}}, "/metrics"}) {
    auto server = http::Server::listen(std::move(config));
    EXPECT_TRUE(server);
    server_ = std::move(*server);
  }

  void serve() {
    EXPECT_TRUE(server_->serve(http_test::sources_of(always(snapshot_of("valk", true)))));
  }
  void set(webconfig::WebConfig config) {
    const auto set = server_->settings()->set(std::move(config));
    EXPECT_TRUE(set) << set.error().message;
  }
  httplib::Result get(const std::string& path, const httplib::Headers& headers = {}) {
    httplib::Client client("127.0.0.1", port_of(*server_));
    return client.Get(path, headers);
  }
  int status_of(const std::string& path, const httplib::Headers& headers = {}) {
    const auto response = get(path, headers);
    return response ? response->status : 0;
  }

  std::unique_ptr<http::Server> server_;
};

const httplib::Headers kAlice{{"Authorization", "Basic YWxpY2U6b3BlbiBzZXNhbWU="}};
const httplib::Headers kEve{{"Authorization", "Basic YWxpY2U6eA=="}};

webconfig::WebConfig with_alice() {
  webconfig::WebConfig config;
  config.users = {{"alice", kHash}};
  return config;
}

TEST_F(Guarded, AsksForAPasswordEverywhere) {
  set(with_alice());
  serve();
  for (const char* path :
       {"/", "/metrics", "/debug/metrics", "/-/healthy", "/-/ready", "/nowhere"}) {
    const auto response = get(path);
    ASSERT_TRUE(response) << path;
    EXPECT_EQ(response->status, 401) << path;
    EXPECT_THAT(response->get_header_value("WWW-Authenticate"), HasSubstr("Basic realm="));
    EXPECT_THAT(response->body, Not(HasSubstr("valk "))) << path;
    EXPECT_EQ(status_of(path, kEve), 401) << path;
  }
  EXPECT_EQ(status_of("/metrics", kAlice), 200);
  EXPECT_EQ(status_of("/-/healthy", kAlice), 200);
  EXPECT_EQ(status_of("/nowhere", kAlice), 404);
}

TEST_F(Guarded, TakesNewPasswordsAtOnce) {
  serve();
  EXPECT_EQ(status_of("/metrics"), 200);
  set(with_alice());
  EXPECT_EQ(status_of("/metrics"), 401);
  EXPECT_EQ(status_of("/metrics", kAlice), 200);
}

TEST_F(Guarded, HasTheFieldsThatAreAskedFor) {
  webconfig::WebConfig config;
  config.headers = {{"Strict-Transport-Security", "max-age=1"},
                    {"X-Content-Type-Options", "nosniff"},
                    {"Content-Security-Policy", "default-src 'self'"}};
  set(config);
  serve();
  const auto metrics = get("/metrics");
  ASSERT_TRUE(metrics);
  EXPECT_EQ(metrics->get_header_value("Strict-Transport-Security"), "max-age=1");
  EXPECT_EQ(metrics->get_header_value_count("X-Content-Type-Options"), 1U);
  EXPECT_EQ(metrics->get_header_value("Content-Security-Policy"), "default-src 'self'");
  // What the page needs goes before.
  EXPECT_THAT(get("/")->get_header_value("Content-Security-Policy"), HasSubstr("style-src"));
  EXPECT_EQ(get("/")->get_header_value_count("Content-Security-Policy"), 1U);
}

TEST_F(Guarded, LimitsTheRate) {
  webconfig::WebConfig config;
  config.rate_limit = webconfig::RateLimit{std::chrono::hours(1), 2};
  set(config);
  serve();
  EXPECT_EQ(status_of("/metrics"), 200);
  EXPECT_EQ(status_of("/-/healthy"), 200);
  const auto third = get("/metrics");
  ASSERT_TRUE(third);
  EXPECT_EQ(third->status, 429);
  EXPECT_EQ(third->get_header_value("Retry-After"), "1");
}

TEST_F(Guarded, CountsWhatItAnswers) {
  serve();
  status_of("/metrics");
  status_of("/metrics");
  status_of("/nowhere");
  status_of("/debug/nothing");
  status_of("/");
  RawClient garbage(port_of(*server_));
  garbage.send("\x16\x03\x01\r\n\r\n");
  garbage.receive_until("\r\n\r\n");
  std::vector<std::tuple<std::string, int, std::uint64_t>> counts;
  for (const auto& one : server_->request_counts().read()) {
    counts.emplace_back(one.handler, one.status, one.count);
  }
  using Row = std::tuple<std::string, int, std::uint64_t>;
  EXPECT_THAT(counts, UnorderedElementsAre(Row{"metrics", 200, 2}, Row{"other", 404, 1},
                                           Row{"debug", 404, 1}, Row{"landing", 200, 1},
                                           Row{"none", 400, 1}));
}

// What the gate decides by, without a socket on another interface.
class DebugFrom : public Guarded {
 protected:
  void SetUp() override { serve(); }

  int status_of_debug(bool is_on_loopback, bool is_encrypted, bool has_verified_client,
                      bool is_enabled = false) {
    http::EventStreams streams(nullptr);
    http::Routes routes("/metrics", http_test::sources_of(always(snapshot_of("valk", true))),
                        streams);
    const http::Gate gate({"/metrics", is_enabled}, server_->settings(),
                          std::make_shared<http::RequestCounts>(), routes);
    http::Request request;
    request.head.method = http::Method::kGet;
    request.path = "/debug/metrics";
    request.arrived = http_test::Clock::now();
    request.is_on_loopback = is_on_loopback;
    request.is_encrypted = is_encrypted;
    request.has_verified_client = has_verified_client;
    request.head.authorization = "Basic YWxpY2U6b3BlbiBzZXNhbWU=";
    http::Response response;
    gate.answer(request, response);
    text_ = response.body;
    request.path = "/";
    http::Response page;
    gate.answer(request, page);
    page_ = page.body;
    return response.status;
  }

  std::string text_;
  std::string page_;
};

TEST_F(DebugFrom, LoopbackIsServed) {
  EXPECT_EQ(status_of_debug(true, false, false), 200);
  EXPECT_THAT(page_, HasSubstr("./debug/metrics"));
}

TEST_F(DebugFrom, ElsewhereNamesTheFlagAndHasNoLinks) {
  EXPECT_EQ(status_of_debug(false, false, false), 403);
  EXPECT_THAT(text_, HasSubstr("--web.enable-debug"));
  EXPECT_THAT(page_, Not(HasSubstr("./debug/")));
  EXPECT_EQ(status_of_debug(false, true, false), 403);
  EXPECT_EQ(status_of_debug(false, false, false, true), 200);
}

TEST_F(DebugFrom, ElsewhereIsServedByTlsToWhoHasAuthenticated) {
  EXPECT_EQ(status_of_debug(false, true, true), 200);
  set(with_alice());
  EXPECT_EQ(status_of_debug(false, true, false), 200);
  EXPECT_EQ(status_of_debug(false, false, false), 403);
}

// Threads that wait until they are let go.
class Held {
 public:
  void wait() {
    std::unique_lock lock(mutex_);
    ++waiting_;
    changed_.notify_all();
    changed_.wait(lock, [this] { return is_open_; });
  }
  bool wait_for(int count) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, std::chrono::seconds(10), [&] { return waiting_ >= count; });
  }
  void open() {
    const std::lock_guard lock(mutex_);
    is_open_ = true;
    changed_.notify_all();
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  int waiting_ = 0;
  bool is_open_ = false;
};

class MaxRequests : public Guarded {
 protected:
  MaxRequests() : Guarded({{{"127.0.0.1", 0}}, "/metrics", {}, 2}) {}
};

TEST_F(MaxRequests, RefusesOneScrapeMoreAndNothingElse) {
  Held held;
  set(with_alice());
  ASSERT_TRUE(server_->serve(http_test::sources_of(
      [&](http_test::Clock::time_point, const model::Wanted&) -> base::Result<model::Snapshot> {
        held.wait();
        return snapshot_of("valk", true);
      })));
  std::atomic<int> done = 0;
  std::vector<std::jthread> scrapes;
  for (int i = 0; i < 2; ++i) {
    scrapes.emplace_back([&] { done += status_of("/metrics?process=valk", kAlice) == 200; });
  }
  ASSERT_TRUE(held.wait_for(2));
  EXPECT_EQ(status_of("/metrics", kAlice), 503);
  EXPECT_EQ(status_of("/-/healthy", kAlice), 200);
  EXPECT_EQ(status_of("/metrics", kEve), 401);
  held.open();
  scrapes.clear();
  EXPECT_EQ(done, 2);
  EXPECT_EQ(status_of("/metrics", kAlice), 200);
}

// They wait for their password to be checked, which takes a while.
TEST_F(MaxRequests, AreNotTakenUpByWhoIsNotLetIn) {
  set(with_alice());
  serve();
  EXPECT_EQ(status_of("/metrics", kAlice), 200);
  std::vector<std::jthread> strangers;
  for (int i = 0; i < 6; ++i) {
    strangers.emplace_back([&](const std::stop_token& stop) {
      while (!stop.stop_requested()) status_of("/metrics", kEve);
    });
  }
  for (int i = 0; i < 50; ++i) EXPECT_EQ(status_of("/metrics", kAlice), 200);
}

std::vector<int> fds_of(const std::vector<base::UniqueFd>& sockets) {
  std::vector<int> fds;
  for (const auto& socket : sockets) fds.push_back(socket.get());
  return fds;
}

std::string error_of(const http::HandedSockets& handed) {
  const auto taken = http::take_sockets(handed, 42);
  return taken ? "" : taken.error().message;
}

TEST(TakeSockets, TakesThoseThatListen) {
  auto made = http::listen_on({"127.0.0.1", 0});
  ASSERT_TRUE(made);
  const int fd = made->front().release();
  const auto taken = http::take_sockets({"42", "1", fd}, 42);
  ASSERT_TRUE(taken) << taken.error().message;
  EXPECT_THAT(fds_of(*taken), testing::ElementsAre(fd));
  EXPECT_EQ(http::own_address_of(fd)->host, "127.0.0.1");
  EXPECT_EQ(http::own_address_of(fd)->port, http::port_of(fd).value());
}

TEST(TakeSockets, RefusesWhatIsForSomebodyElse) {
  EXPECT_THAT(error_of({nullptr, "1", 3}), HasSubstr("LISTEN_PID or LISTEN_FDS is missing"));
  EXPECT_THAT(error_of({"42", nullptr, 3}), HasSubstr("is missing"));
  EXPECT_THAT(error_of({"42", "x", 3}), HasSubstr("is missing"));
  EXPECT_THAT(error_of({"41", "1", 3}), HasSubstr("they are for process 41"));
  EXPECT_THAT(error_of({"42", "0", 3}), HasSubstr("0 of them"));
  EXPECT_THAT(error_of({"42", "2000", 3}), HasSubstr("2000 of them"));
}

TEST(TakeSockets, RefusesWhatDoesNotListen) {
  const base::UniqueFd connected(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  EXPECT_THAT(error_of({"42", "1", connected.get()}), HasSubstr("no stream socket that listens"));
  const base::UniqueFd datagram(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  EXPECT_THAT(error_of({"42", "1", datagram.get()}), HasSubstr("no stream socket that listens"));
  EXPECT_THAT(error_of({"42", "1", 1'000'000}), HasSubstr("Bad file descriptor"));
}

TEST(TakeSockets, ServesOnASocketWithAPath) {
  const base::UniqueFd listening(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const std::string name = "@valkyria-test-" + std::to_string(::getpid());
  name.copy(address.sun_path, name.size());
  address.sun_path[0] = '\0';
  const socklen_t size = offsetof(sockaddr_un, sun_path) + name.size();
  ASSERT_EQ(::bind(listening.get(), reinterpret_cast<sockaddr*>(&address), size), 0);
  ASSERT_EQ(::listen(listening.get(), 8), 0);
  http::ServerConfig config;
  const std::string pid = std::to_string(::getpid());
  config.handed_sockets = http::HandedSockets{pid.c_str(), "1", ::dup(listening.get())};
  auto server = http::Server::listen(std::move(config));
  ASSERT_TRUE(server) << server.error().message;
  EXPECT_EQ(text_of((*server)->addresses().front()), "unix:" + name);
  ASSERT_TRUE((*server)->serve(http_test::sources_of(always(snapshot_of("valk", true)))));
  const base::UniqueFd client(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  ASSERT_EQ(::connect(client.get(), reinterpret_cast<sockaddr*>(&address), size), 0);
  const std::string ask = "GET /debug/metrics HTTP/1.1\r\nHost: localhost\r\n\r\n";
  ASSERT_EQ(::write(client.get(), ask.data(), ask.size()), static_cast<ssize_t>(ask.size()));
  std::string answer(15, '\0');
  ASSERT_EQ(::recv(client.get(), answer.data(), answer.size(), MSG_WAITALL), 15);
  EXPECT_EQ(answer, "HTTP/1.1 200 OK");
}

}  // namespace
