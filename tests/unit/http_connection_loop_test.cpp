#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "http/connection_loop.h"
#include "http/listening_socket.h"
#include "http_support.h"

namespace {

using http::ConnectionLimits;
using http::ConnectionLoop;
using http_test::Clock;
using http_test::RawClient;
using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::HasSubstr;
using testing::StartsWith;

constexpr const char* kSmall = "GET /small HTTP/1.1\r\nHost: x\r\n\r\n";
constexpr const char* kHuge = "GET /huge HTTP/1.1\r\nHost: x\r\n\r\n";

void small_or_huge(const httplib::Request& request, httplib::Response& response) {
  const bool huge = request.path == "/huge";
  response.set_content(std::string(huge ? 50'000'000 : 5, 'x') + "\n", "application/octet-stream");
}

// A loop on a free port.
struct Served {
  std::uint16_t port = 0;
  std::unique_ptr<ConnectionLoop> loop;
};

Served serve(const ConnectionLimits& limits) {
  auto listening = http::listen_on({"127.0.0.1", 0});
  EXPECT_TRUE(listening);
  const std::uint16_t port = http::port_of(listening->get()).value();
  auto loop = ConnectionLoop::start(std::move(*listening), small_or_huge, limits);
  EXPECT_TRUE(loop);
  return Served{port, std::move(*loop)};
}

ConnectionLimits patient() {
  ConnectionLimits limits;
  limits.idle = limits.request = limits.answer = seconds(60);
  return limits;
}

TEST(ConnectionLoop, ClosesAConnectionThatIsIdleForTooLong) {
  auto limits = patient();
  limits.idle = milliseconds(50);
  const auto served = serve(limits);
  RawClient client(served.port);
  client.send(kSmall);
  EXPECT_THAT(client.receive_until("xxxxx\n"), StartsWith("HTTP/1.1 200 "));
  EXPECT_TRUE(client.is_closed());
}

TEST(ConnectionLoop, ClosesAConnectionWhoseRequestTakesTooLong) {
  auto limits = patient();
  limits.request = milliseconds(50);
  const auto served = serve(limits);
  RawClient silent(served.port);
  RawClient half(served.port);
  half.send("GET /small HTTP/1.1\r\n");
  EXPECT_TRUE(silent.is_closed());
  EXPECT_TRUE(half.is_closed());
}

TEST(ConnectionLoop, GivesALaterRequestNoMoreTimeThanTheFirst) {
  auto limits = patient();
  limits.request = milliseconds(50);
  const auto served = serve(limits);
  RawClient client(served.port);
  client.send(kSmall);
  client.receive_until("xxxxx\n");
  client.send("GET");
  EXPECT_TRUE(client.is_closed());
}

TEST(ConnectionLoop, DoesNotLetDrippingBytesProlongARequest) {
  auto limits = patient();
  limits.request = milliseconds(200);
  const auto served = serve(limits);
  RawClient client(served.port);
  client.send("GET /small HTTP/1.1\r\nX-Slow: ");
  const auto deadline = Clock::now() + seconds(5);
  bool is_open = true;
  while (is_open && Clock::now() < deadline) {
    is_open = client.send("a");
    pollfd polled{client.fd(), POLLIN, 0};
    if (::poll(&polled, 1, 10) > 0) is_open = false;
  }
  EXPECT_FALSE(is_open);
}

TEST(ConnectionLoop, FreesItsOnlyWorkerFromAClientThatDoesNotRead) {
  auto limits = patient();
  limits.workers = 1;
  limits.answer = milliseconds(100);
  const auto served = serve(limits);
  RawClient greedy(served.port);
  greedy.send(kHuge);
  RawClient client(served.port);
  client.send(kSmall);
  EXPECT_THAT(client.receive_until("xxxxx\n"), StartsWith("HTTP/1.1 200 "));
}

TEST(ConnectionLoop, StopsSoonWhileAClientDoesNotReadItsAnswer) {
  auto served = serve(patient());
  RawClient greedy(served.port);
  greedy.send(kHuge);
  pollfd polled{greedy.fd(), POLLIN, 0};
  ASSERT_EQ(::poll(&polled, 1, 5'000), 1);  // the answer has begun
  const auto begin = Clock::now();
  served.loop.reset();
  EXPECT_LT(Clock::now() - begin, milliseconds(400));
}

TEST(ConnectionLoop, WritesAHugeAnswerToAClientThatReads) {
  const auto served = serve(patient());
  httplib::Client client("127.0.0.1", served.port);
  const auto response = client.Get("/huge");
  ASSERT_TRUE(response);
  EXPECT_EQ(response->body.size(), 50'000'001U);
}

TEST(ConnectionLoop, AnswersInTurnWithOneWorker) {
  auto limits = patient();
  limits.workers = 1;
  const auto served = serve(limits);
  std::string many;
  for (int i = 0; i < 50; ++i) many += kSmall;
  RawClient busy(served.port);
  busy.send(many);
  RawClient client(served.port);
  client.send(kSmall);
  EXPECT_THAT(client.receive_until("xxxxx\n"), StartsWith("HTTP/1.1 200 "));
}

TEST(ConnectionLoop, DropsWhoWaitsLongestWhenThereAreTooMany) {
  auto limits = patient();
  limits.connections = 2;
  const auto served = serve(limits);
  RawClient first(served.port);
  RawClient second(served.port);
  RawClient third(served.port);
  EXPECT_TRUE(first.is_closed());
  EXPECT_EQ(served.loop->dropped_connections(), 1U);
  second.send(kSmall);
  EXPECT_THAT(second.receive_until("xxxxx\n"), StartsWith("HTTP/1.1 200 "));
  third.send(kSmall);
  EXPECT_THAT(third.receive_until("xxxxx\n"), StartsWith("HTTP/1.1 200 "));
}

TEST(ConnectionLoop, TellsAClientWhoseHeadIsTooLong) {
  const auto served = serve(patient());
  RawClient client(served.port);
  client.send("GET / HTTP/1.1\r\n");
  for (int i = 0; i < 16; ++i) client.send("X-Long: " + std::string(1'014, 'a') + "\r\n");
  EXPECT_THAT(client.receive_until("\r\n\r\n"), HasSubstr(" 431 "));
}

}  // namespace
