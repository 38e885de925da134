#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <pthread.h>

#include <atomic>
#include <condition_variable>
#include <future>
#include <mutex>
#include <thread>
#include <vector>

#include "http_support.h"

namespace {

using http_test::always;
using http_test::Clock;
using http_test::port_of;
using http_test::RawClient;
using http_test::serve;
using http_test::snapshot_of;
using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

constexpr const char* kHealthy = "GET /-/healthy HTTP/1.1\r\nHost: x\r\n\r\n";
constexpr const char* kHealthyOnce =
    "GET /-/healthy HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";

// The promise is well below it: some milliseconds on an idle machine.
constexpr seconds kQuick{1};

std::unique_ptr<http::Server> serve_something() {
  return serve(always(snapshot_of("", true)));
}

int status_of_healthy(const http::Server& server) {
  httplib::Client client("127.0.0.1", port_of(server));
  client.set_read_timeout(seconds(3));
  const auto response = client.Get("/-/healthy");
  return response ? response->status : 0;
}

milliseconds time_to_stop(std::unique_ptr<http::Server> server) {
  const auto begin = Clock::now();
  server.reset();
  return std::chrono::duration_cast<milliseconds>(Clock::now() - begin);
}

TEST(Listen, TakesAFreePort) {
  const auto server = http::Server::listen({{{"127.0.0.1", 0}}, "/metrics"});
  ASSERT_TRUE(server);
  EXPECT_NE(port_of(**server), 0);
  EXPECT_EQ((*server)->addresses().front().host, "127.0.0.1");
}

TEST(Listen, FailsOnATakenPortAndTellsTheWayOut) {
  const auto first = serve_something();
  const auto second = http::Server::listen({{{"127.0.0.1", port_of(*first)}}, "/metrics"});
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().message,
            "listen on 127.0.0.1:" + std::to_string(port_of(*first)) +
                ": Address already in use (another exporter? choose --web.listen-address)");
}

TEST(Listen, FailsOnAPortThatIsTakenOnOneInterface) {
  const auto first = serve_something();
  EXPECT_FALSE(http::Server::listen({{{"", port_of(*first)}}, "/metrics"}));
}

TEST(Listen, FailsOnAnAddressThatIsNotOurs) {
  const auto server = http::Server::listen({{{"192.0.2.1", 0}}, "/metrics"});
  ASSERT_FALSE(server);
  EXPECT_THAT(server.error().message, StartsWith("listen on 192.0.2.1:0: Cannot assign"));
}

TEST(Listen, FailsOnAnUnknownHost) {
  const auto server = http::Server::listen({{{"no-such-host.invalid", 0}}, "/metrics"});
  ASSERT_FALSE(server);
  EXPECT_THAT(server.error().message, StartsWith("listen on no-such-host.invalid:0: "));
}

TEST(Listen, FailsOnATelemetryPathThatCannotBeServed) {
  EXPECT_FALSE(http::Server::listen({{{"127.0.0.1", 0}}, "metrics"}));
}

TEST(Listen, TakesAllInterfaces) {
  auto server = http::Server::listen({{{"", 0}}, "/metrics"});
  ASSERT_TRUE(server) << server.error().message;
  ASSERT_TRUE((*server)->serve(http_test::sources_of(always(snapshot_of("", true)))));
  EXPECT_EQ(status_of_healthy(**server), 200);
}

TEST(Listen, TakesItsPortAgainAtOnce) {
  auto server = serve_something();
  const auto port = port_of(*server);
  EXPECT_EQ(status_of_healthy(*server), 200);
  RawClient client(port);
  client.send(kHealthy);
  client.receive_until("healthy\n");
  server.reset();
  EXPECT_TRUE(http::Server::listen({{{"127.0.0.1", port}}, "/metrics"}));
}

TEST(Listen, TakesSeveralAddresses) {
  auto server = http::Server::listen({{{"127.0.0.1", 0}, {"127.0.0.2", 0}}, "/metrics"});
  ASSERT_TRUE(server) << server.error().message;
  ASSERT_TRUE((*server)->serve(http_test::sources_of(always(snapshot_of("", true)))));
  for (const auto& address : (*server)->addresses()) {
    httplib::Client client(address.host, address.port);
    const auto response = client.Get("/-/healthy");
    ASSERT_TRUE(response) << text_of(address);
    EXPECT_EQ(response->status, 200);
  }
}

TEST(Listen, TakesEveryAddressOfAName) {
  auto server = http::Server::listen({{{"localhost", 0}}, "/metrics"});
  ASSERT_TRUE(server) << server.error().message;
  ASSERT_TRUE((*server)->serve(http_test::sources_of(always(snapshot_of("", true)))));
  EXPECT_EQ(status_of_healthy(**server), 200);  // at 127.0.0.1, also where ::1 comes first
}

TEST(Listen, LetsClientsWaitForServe) {
  auto server = http::Server::listen({{{"127.0.0.1", 0}}, "/metrics"});
  ASSERT_TRUE(server);
  RawClient client(port_of(**server));
  client.send(kHealthy);
  ASSERT_TRUE((*server)->serve(http_test::sources_of(always(snapshot_of("", true)))));
  EXPECT_THAT(client.receive_until("healthy\n"), StartsWith("HTTP/1.1 200 "));
}

TEST(Stop, IsQuickWithoutServe) {
  auto server = http::Server::listen({{{"127.0.0.1", 0}}, "/metrics"});
  EXPECT_LT(time_to_stop(std::move(*server)), kQuick);
}

TEST(Stop, IsQuickWithoutClients) {
  EXPECT_LT(time_to_stop(serve_something()), kQuick);
}

TEST(Stop, IsQuickWithAnIdleKeepAliveClient) {
  auto server = serve_something();
  RawClient client(port_of(*server));
  client.send(kHealthy);
  EXPECT_THAT(client.receive_until("healthy\n"), HasSubstr("Keep-Alive: timeout=75"));
  EXPECT_LT(time_to_stop(std::move(server)), kQuick);
  EXPECT_TRUE(client.is_closed());
}

TEST(Stop, IsQuickWithASilentClient) {
  auto server = serve_something();
  RawClient client(port_of(*server));
  EXPECT_EQ(status_of_healthy(*server), 200);  // so the one before was accepted too
  EXPECT_LT(time_to_stop(std::move(server)), kQuick);
}

TEST(Stop, IsQuickWithAClientThatSentHalfARequest) {
  auto server = serve_something();
  RawClient client(port_of(*server));
  client.send("GET /metrics HTTP/1.1\r\nHos");
  EXPECT_EQ(status_of_healthy(*server), 200);
  EXPECT_LT(time_to_stop(std::move(server)), kQuick);
}

TEST(Stop, WaitsForACallOfTheSource) {
  std::promise<void> called;
  std::promise<void> go_on;
  std::atomic<bool> returned{false};
  auto server =
      serve([&](Clock::time_point, const model::Wanted&) -> base::Result<model::Snapshot> {
        called.set_value();
        go_on.get_future().wait();
        returned = true;
        return snapshot_of("", true);
      });
  RawClient client(port_of(*server));
  client.send("GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n");
  called.get_future().wait();
  auto stopped = std::async(std::launch::async, [&] { server.reset(); });
  EXPECT_EQ(stopped.wait_for(milliseconds(300)), std::future_status::timeout);
  go_on.set_value();
  stopped.wait();
  EXPECT_TRUE(returned);
}

TEST(Clients, ThatAreSlowDoNotKeepOthersWaiting) {
  const auto server = serve_something();
  std::vector<std::unique_ptr<RawClient>> slow;
  for (int i = 0; i < 200; ++i) {
    slow.push_back(std::make_unique<RawClient>(port_of(*server)));
    if (i % 2 == 0) slow.back()->send("GET /metrics HTTP/1.1\r\nX-Slow: ");
  }
  const auto begin = Clock::now();
  EXPECT_EQ(status_of_healthy(*server), 200);
  EXPECT_LT(Clock::now() - begin, seconds(1));
  EXPECT_EQ(server->drop_counts().connections, 0U);
}

TEST(Clients, ThatAreTooManyCostTheOldestItsConnection) {
  const auto server = serve_something();
  std::vector<std::unique_ptr<RawClient>> silent;
  for (int i = 0; i < 300; ++i) silent.push_back(std::make_unique<RawClient>(port_of(*server)));
  EXPECT_EQ(status_of_healthy(*server), 200);
  EXPECT_GE(server->drop_counts().connections, 300U + 1U - 256U);
  EXPECT_TRUE(silent.front()->is_closed());
  silent.back()->send(kHealthy);
  EXPECT_THAT(silent.back()->receive_until("healthy\n"), StartsWith("HTTP/1.1 200 "));
}

TEST(Clients, AreServedAtTheSameTime) {
  constexpr int kClients = 8;
  std::mutex mutex;
  std::condition_variable changed;
  int inside = 0;
  const auto server =
      serve([&](Clock::time_point, const model::Wanted&) -> base::Result<model::Snapshot> {
        std::unique_lock lock(mutex);
        ++inside;
        changed.notify_all();
        if (!changed.wait_for(lock, seconds(10), [&] { return inside >= kClients; })) {
          return base::fail("alone");
        }
        return snapshot_of("", true);
      });
  std::vector<std::future<int>> statuses;
  for (int i = 0; i < kClients; ++i) {
    statuses.push_back(std::async(std::launch::async, [&] {
      const auto response = httplib::Client("127.0.0.1", port_of(*server)).Get("/metrics");
      return response ? response->status : 0;
    }));
  }
  for (auto& status : statuses) EXPECT_EQ(status.get(), 200);
}

TEST(Requests, ShareAConnection) {
  const auto server = serve_something();
  RawClient client(port_of(*server));
  for (int i = 0; i < 20; ++i) {
    client.send(kHealthy);
    EXPECT_THAT(client.receive_until("healthy\n"), StartsWith("HTTP/1.1 200 ")) << i;
  }
}

TEST(Requests, MayComeInPiecesOrTogether) {
  const auto server = serve_something();
  RawClient pieces(port_of(*server));
  for (const char c : std::string_view(kHealthy)) pieces.send(std::string_view(&c, 1));
  EXPECT_THAT(pieces.receive_until("healthy\n"), StartsWith("HTTP/1.1 200 "));

  RawClient together(port_of(*server));
  together.send(std::string(kHealthy) + "GET /no HTTP/1.1\r\nHost: x\r\n\r\n" + kHealthyOnce);
  const std::string answers = together.receive_until("never: until it is closed");
  EXPECT_THAT(answers, StartsWith("HTTP/1.1 200 "));
  EXPECT_THAT(answers, HasSubstr("\nHTTP/1.1 404 "));
  EXPECT_THAT(answers, EndsWith("healthy\n"));
}

TEST(Requests, AreClosedAfterWhenTheClientAsks) {
  const auto server = serve_something();
  RawClient client(port_of(*server));
  client.send(kHealthyOnce);
  EXPECT_TRUE(client.is_closed());
}

TEST(Requests, OfHttp10AreClosedAfter) {
  const auto server = serve_something();
  RawClient client(port_of(*server));
  client.send("GET /-/healthy HTTP/1.0\r\n\r\n");
  EXPECT_TRUE(client.is_closed());
}

TEST(Requests, WithABodyEndTheConnectionSoThatItIsNoRequest) {
  const auto server = serve_something();
  RawClient client(port_of(*server));
  const std::string hidden = "GET /metrics HTTP/1.1\r\n\r\n";
  client.send("GET /-/healthy HTTP/1.1\r\nHost: x\r\nContent-Length: " +
              std::to_string(hidden.size()) + "\r\n\r\n" + hidden);
  const std::string answers = client.receive_until("valkyria_up");
  EXPECT_THAT(answers, StartsWith("HTTP/1.1 200 "));
  EXPECT_THAT(answers, HasSubstr("Connection: close"));
  EXPECT_EQ(answers.find("valkyria_up"), std::string::npos);
}

TEST(Requests, ThatAreNoHttpAreRefused) {
  const auto server = serve_something();
  for (const char* const text : {"hello\r\n\r\n", "GET\r\n\r\n", "GET /metrics HTTP/9.9\r\n\r\n",
                                 "\x16\x03\x01\x02\r\n\r\n"}) {
    RawClient client(port_of(*server));
    client.send(text);
    EXPECT_TRUE(client.is_closed()) << text;
  }
  EXPECT_EQ(status_of_healthy(*server), 200);
}

TEST(Requests, ForOptionsAreToldWhatIsAllowed) {
  const auto server = serve_something();
  for (const char* const target : {"*", "/", "/metrics"}) {
    RawClient client(port_of(*server));
    client.send("OPTIONS " + std::string(target) + " HTTP/1.0\r\n\r\n");
    const std::string answer = client.receive_until("never");
    EXPECT_THAT(answer, StartsWith("HTTP/1.1 204 No Content\r\n"));
    EXPECT_THAT(answer, HasSubstr("\r\nAllow: GET, HEAD, OPTIONS\r\n"));
    EXPECT_THAT(answer, Not(HasSubstr("Content-Length")));
  }
}

TEST(Requests, OfAnotherMethodAreRefused) {
  const auto server = serve_something();
  for (const char* const method : {"POST", "PROPFIND", "get", "TRACE"}) {
    RawClient client(port_of(*server));
    client.send(method + std::string(" /metrics HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"));
    const std::string answer = client.receive_until("never");
    EXPECT_THAT(answer, StartsWith("HTTP/1.1 405 "));
    EXPECT_THAT(answer, HasSubstr("\r\nAllow: GET, HEAD, OPTIONS\r\n"));
  }
}

TEST(Requests, ByAWholeUrlAreAnswered) {
  const auto server = serve_something();
  RawClient client(port_of(*server));
  client.send("GET http://somewhere/-/healthy?a=b HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_THAT(client.receive_until("healthy\n"), StartsWith("HTTP/1.1 200 "));
}

TEST(Answers, HaveADateAndNoRanges) {
  const auto server = serve_something();
  for (const char* const method : {"GET", "HEAD"}) {
    RawClient client(port_of(*server));
    client.send(method + std::string(" / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"));
    const std::string answer = client.receive_until("never");
    EXPECT_THAT(answer,
                testing::ContainsRegex("\r\nDate: [A-Z][a-z]{2}, [0-9]{2} [A-Z][a-z]{2} [0-9]{4} "
                                       "[0-9:]{8} GMT\r\n"));
    EXPECT_THAT(answer, Not(HasSubstr("Accept-Ranges")));
    EXPECT_THAT(answer, HasSubstr("X-Content-Type-Options: nosniff"));
  }
}

TEST(Answers, KeepAnHttp10ConnectionForWhoAsks) {
  const auto server = serve_something();
  RawClient client(port_of(*server));
  for (int i = 0; i < 3; ++i) {
    client.send("GET /-/healthy HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n");
    EXPECT_THAT(client.receive_until("healthy\n"), HasSubstr("Connection: keep-alive\r\n"));
  }
}

TEST(Requests, ThatAreTooLongAreRefused) {
  const auto server = serve_something();
  RawClient uri(port_of(*server));
  uri.send("GET /" + std::string(9'000, 'a') + " HTTP/1.1\r\n\r\n");
  EXPECT_THAT(uri.receive_until("\r\n\r\n"), StartsWith("HTTP/1.1 414 "));

  RawClient head(port_of(*server));
  head.send("GET / HTTP/1.1\r\nX-Long: " + std::string(20'000, 'a'));
  EXPECT_TRUE(head.is_closed());
  EXPECT_EQ(status_of_healthy(*server), 200);
}

// Threads that are made while it lives have a small stack.
class SmallStacks {
 public:
  SmallStacks() {
    ::pthread_getattr_default_np(&before_);
    pthread_attr_t small;
    ::pthread_attr_init(&small);
    ::pthread_attr_setstacksize(&small, 1024 * 1024);
    ::pthread_setattr_default_np(&small);
    ::pthread_attr_destroy(&small);
  }
  ~SmallStacks() {
    ::pthread_setattr_default_np(&before_);
    ::pthread_attr_destroy(&before_);
  }

 private:
  pthread_attr_t before_{};
};

TEST(Requests, WithHostileHeadersDoNoHarm) {
  const SmallStacks small_stacks;
  const auto server = serve_something();
  std::string ranges = "bytes=0-1";
  while (ranges.size() < 8'000) ranges += ",0-1";
  for (const std::string& header :
       {"Range: " + ranges, "rAnGe:" + ranges, "Range : " + ranges, "Range\t: " + ranges,
        "Range: bytes=0-1\r\nRange: " + ranges, "Accept: x\r\n Range: " + ranges,
        "Range: bytes=" + std::string(8'000, '1') + "-",
        std::string("Range: bytes=99999999999999999999999-"), std::string("Content-Length: x"),
        std::string("Content-Length: 18446744073709551616"), std::string("Transfer-Encoding: x"),
        std::string("Expect: 100-continue"), std::string("Connection: upgrade\r\nUpgrade: h2c"),
        std::string("Accept-Encoding: ") + std::string(8'000, ',')}) {
    RawClient client(port_of(*server));
    client.send("GET /-/healthy HTTP/1.1\r\nHost: x\r\nConnection: close\r\n" + header +
                "\r\n\r\n");
    EXPECT_TRUE(client.is_closed()) << header.substr(0, 60);
  }
  EXPECT_EQ(status_of_healthy(*server), 200);
}

}  // namespace
