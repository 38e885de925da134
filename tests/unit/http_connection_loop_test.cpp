// Clients that are slow, silent, too many or gone.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <future>

#include "http/connection_loop.h"
#include "http_loop_support.h"

namespace {

using http::DropCounts;
using http::Limits;
using http_test::Clock;
using http_test::kSmall;
using http_test::patient;
using http_test::RawClient;
using http_test::ServedLoop;
using http_test::small_or_huge;
using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::EndsWith;
using testing::HasSubstr;
using testing::StartsWith;

constexpr const char* kHuge = "GET /huge HTTP/1.1\r\nHost: x\r\n\r\n";

TEST(ConnectionLoop, ClosesAConnectionThatIsIdleForTooLong) {
  auto limits = patient();
  limits.idle = milliseconds(50);
  const ServedLoop served(small_or_huge, limits);
  RawClient client(served.port());
  client.send(kSmall);
  EXPECT_THAT(client.receive_until("xxxxx\n"), StartsWith("HTTP/1.1 200 "));
  EXPECT_TRUE(client.is_closed());
}

TEST(ConnectionLoop, ClosesAConnectionThatNeverAsks) {
  auto limits = patient();
  limits.request = milliseconds(50);
  const ServedLoop served(small_or_huge, limits);
  RawClient silent(served.port());
  EXPECT_EQ(silent.receive_until("never"), "");
}

TEST(ConnectionLoop, TellsAClientWhoseHeadTakesTooLong) {
  auto limits = patient();
  limits.request = milliseconds(50);
  const ServedLoop served(small_or_huge, limits);
  for (const char* const before : {"", kSmall}) {
    RawClient client(served.port());
    client.send(before);
    if (*before != '\0') client.receive_until("xxxxx\n");
    client.send("GET /small HTTP/1.1\r\n");
    EXPECT_THAT(client.receive_until("never"), StartsWith("HTTP/1.1 408 "));
  }
  EXPECT_EQ(served.drops().slow_heads, 2U);
}

TEST(ConnectionLoop, ClosesACrowdOfSlowClientsWithoutAWord) {
  auto limits = patient();
  limits.request = milliseconds(50);
  limits.connections = 8;
  const ServedLoop served(small_or_huge, limits);
  RawClient one(served.port());
  RawClient two(served.port());
  one.send("GET /small");
  two.send("GET /small");
  EXPECT_EQ(one.receive_until("never"), "");
  EXPECT_EQ(two.receive_until("never"), "");
}

TEST(ConnectionLoop, DoesNotLetDrippingBytesProlongARequest) {
  auto limits = patient();
  limits.request = milliseconds(200);
  const ServedLoop served(small_or_huge, limits);
  RawClient client(served.port());
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

TEST(ConnectionLoop, HoldsNoWorkerForClientsThatDoNotRead) {
  auto limits = patient();
  limits.workers = 1;
  const ServedLoop served(small_or_huge, limits);
  RawClient greedy(served.port());
  greedy.send(kHuge);
  EXPECT_TRUE(greedy.is_readable());  // the answer has begun
  RawClient client(served.port());
  client.send(kSmall);
  EXPECT_THAT(client.receive_until("xxxxx\n"), StartsWith("HTTP/1.1 200 "));
}

TEST(ConnectionLoop, DropsAClientThatTakesNothingForTooLong) {
  auto limits = patient();
  limits.unread = milliseconds(100);
  const ServedLoop served(small_or_huge, limits);
  RawClient greedy(served.port());
  greedy.send(kHuge);
  EXPECT_TRUE(served.drops_until([](const DropCounts& drops) { return drops.slow_reads == 1; }));
}

TEST(ConnectionLoop, GivesAScrapeTheTimeThatItAsksFor) {
  auto limits = patient();
  limits.unread = milliseconds(1);
  const ServedLoop served(small_or_huge, limits);
  RawClient slow(served.port());
  slow.send(
      "GET /huge HTTP/1.1\r\nHost: x\r\nX-Prometheus-Scrape-Timeout-Seconds: 60\r\n"
      "Connection: close\r\n\r\n");
  EXPECT_TRUE(slow.is_readable());
  RawClient other(served.port());
  other.send(kSmall);
  other.receive_until("xxxxx\n");  // a turn of the loop in which the first could have been dropped
  EXPECT_THAT(slow.receive_until("never"), EndsWith("xxxxx\n"));
}

TEST(ConnectionLoop, DropsTheSlowestReadersWhereTooMuchWaits) {
  auto limits = patient();
  limits.output_bytes = 30'000'000;  // a huge answer, and a half
  const ServedLoop served(small_or_huge, limits);
  RawClient first(served.port());
  first.send(kHuge);
  EXPECT_TRUE(first.is_readable());
  RawClient second(served.port());
  second.send(kHuge);
  EXPECT_TRUE(served.drops_until([](const DropCounts& drops) { return drops.memory == 1; }));
  RawClient client(served.port());
  client.send(kSmall);
  EXPECT_THAT(client.receive_until("xxxxx\n"), StartsWith("HTTP/1.1 200 "));
}

TEST(ConnectionLoop, StopsSoonWhileAClientDoesNotReadItsAnswer) {
  ServedLoop served(small_or_huge, patient());
  RawClient greedy(served.port());
  greedy.send(kHuge);
  ASSERT_TRUE(greedy.is_readable());
  const auto begin = Clock::now();
  served.stop();
  EXPECT_LT(Clock::now() - begin, seconds(1));
}

TEST(ConnectionLoop, WritesAHugeAnswerToAClientThatReads) {
  const ServedLoop served(small_or_huge, patient());
  RawClient client(served.port());
  client.send("GET /huge HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  const std::string answer = client.receive_until("never");
  EXPECT_EQ(answer.size() - answer.find("\r\n\r\n") - 4, http_test::kHugeBytes);
}

TEST(ConnectionLoop, AnswersInTurnWithOneWorker) {
  auto limits = patient();
  limits.workers = 1;
  const ServedLoop served(small_or_huge, limits);
  std::string many;
  for (int i = 0; i < 50; ++i) many += kSmall;
  RawClient busy(served.port());
  busy.send(many);
  RawClient client(served.port());
  client.send(kSmall);
  EXPECT_THAT(client.receive_until("xxxxx\n"), StartsWith("HTTP/1.1 200 "));
}

TEST(ConnectionLoop, AnswersAllThatCameBeforeTheClientsEnd) {
  const ServedLoop served(small_or_huge, patient());
  for (const int count : {1, 5, 2'000}) {
    RawClient client(served.port());
    std::string many;
    for (int i = 0; i < count; ++i) many += kSmall;
    client.send(many);
    client.end_sending();
    const std::string answers = client.receive_until("never");
    EXPECT_EQ(http_test::count_of(answers, "HTTP/1.1 200 OK\r\n"), count);
    EXPECT_EQ(http_test::count_of(answers, "\r\n\r\nxxxxx\n"), count);
  }
}

// Whom: http_connection_set_test.cpp.
TEST(ConnectionLoop, DropsOneForEachThatIsTooMany) {
  auto limits = patient();
  limits.connections = 2;
  const ServedLoop served(small_or_huge, limits);
  RawClient first(served.port());
  RawClient second(served.port());
  RawClient third(served.port());
  EXPECT_TRUE(first.is_closed());
  third.send(kSmall);
  EXPECT_THAT(third.receive_until("xxxxx\n"), StartsWith("HTTP/1.1 200 "));
  EXPECT_EQ(served.drops().connections, 1U);
}

TEST(ConnectionLoop, LetsNewClientsWaitWhereAllOthersAreBeingAnswered) {
  std::promise<void> go_on;
  const auto released = go_on.get_future().share();
  std::promise<void> called;
  std::atomic<bool> was_called{false};
  auto limits = patient();
  limits.connections = 1;
  const ServedLoop served(
      [&](const http::Request&, http::Response& response) {
        if (!was_called.exchange(true)) called.set_value();
        released.wait();
        response.body = "done\n";
      },
      limits);
  RawClient busy(served.port());
  busy.send(kSmall);
  called.get_future().wait();
  RawClient waiting(served.port());
  waiting.send(kSmall);
  go_on.set_value();
  EXPECT_THAT(busy.receive_until("done\n"), StartsWith("HTTP/1.1 200 "));
  EXPECT_THAT(waiting.receive_until("done\n"), StartsWith("HTTP/1.1 200 "));
}

TEST(ConnectionLoop, TellsAClientWhoseHeadIsTooLong) {
  const ServedLoop served(small_or_huge, patient());
  RawClient client(served.port());
  client.send("GET / HTTP/1.1\r\n");
  for (int i = 0; i < 30; ++i) client.send("X-Long: " + std::string(1'014, 'a') + "\r\n");
  EXPECT_THAT(client.receive_until("\r\n\r\n"), StartsWith("HTTP/1.1 431 "));
}

TEST(ConnectionLoop, SendsTheWholeAnswerToWhoSendsMoreThanIsRead) {
  const ServedLoop served(small_or_huge, patient());
  for (const std::string method : {"GET", "POST"}) {
    RawClient client(served.port());
    client.send(method + " /huge HTTP/1.1\r\nHost: x\r\nContent-Length: 500000\r\n\r\n" +
                std::string(500'000, 'b'));
    const std::string answer = client.receive_until("never");
    EXPECT_THAT(answer, HasSubstr("Connection: close\r\n"));
    EXPECT_EQ(answer.size() - answer.find("\r\n\r\n") - 4, http_test::kHugeBytes);
  }
}

TEST(ConnectionLoop, DoesNotWaitForEverForTheEndOfWhoSendsOn) {
  auto limits = patient();
  limits.lingering = milliseconds(50);
  const ServedLoop served(small_or_huge, limits);
  RawClient client(served.port());
  client.send("POST /small HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n");
  client.receive_until("xxxxx\n");
  const auto deadline = Clock::now() + seconds(5);
  while (client.send("b") && Clock::now() < deadline) {
    pollfd polled{client.fd(), 0, 0};
    ::poll(&polled, 1, 10);
  }
  EXPECT_LT(Clock::now(), deadline);
}

// The time limits of an answer begin with its first byte.
TEST(LongHandlers, MayTakeLongerThanAnyClientMay) {
  std::promise<void> go_on;
  const auto released = go_on.get_future().share();
  Limits limits;
  limits.idle = limits.request = milliseconds(50);
  limits.unread = seconds(5);
  const ServedLoop served(
      [&](const http::Request& request, http::Response& response) {
        released.wait();
        small_or_huge(request, response);
      },
      limits);
  RawClient client(served.port());
  client.send(kHuge);
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(RawClient(served.port()).is_closed());  // 50 ms later
  go_on.set_value();
  const std::string answer = client.receive_until("x\n");
  EXPECT_EQ(answer.size() - answer.find("\r\n\r\n") - 4, http_test::kHugeBytes);
}

TEST(LongHandlers, AreToldWhenTheirClientHasGone) {
  std::promise<bool> was_told;
  auto told = was_told.get_future();
  std::promise<void> called;
  const ServedLoop served(
      [&](const http::Request& request, http::Response&) {
        std::promise<void> gone;
        const std::stop_callback on_gone(request.client_left, [&] { gone.set_value(); });
        called.set_value();
        was_told.set_value(gone.get_future().wait_for(seconds(10)) == std::future_status::ready);
      },
      patient());
  {
    RawClient client(served.port());
    client.send("GET /long HTTP/1.1\r\nHost: x\r\n\r\n");
    called.get_future().wait();
  }
  EXPECT_TRUE(told.get());
}

TEST(LongHandlers, AreToldWhenTheServerStops) {
  std::promise<void> called;
  ServedLoop served(
      [&](const http::Request& request, http::Response&) {
        std::promise<void> gone;
        const std::stop_callback on_gone(request.client_left, [&] { gone.set_value(); });
        called.set_value();
        gone.get_future().wait();
      },
      patient());
  RawClient client(served.port());
  client.send("GET /long HTTP/1.1\r\nHost: x\r\n\r\n");
  called.get_future().wait();
  const auto begin = Clock::now();
  served.stop();
  EXPECT_LT(Clock::now() - begin, seconds(2));
}

}  // namespace
