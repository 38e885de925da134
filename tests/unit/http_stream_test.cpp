// Answers that are written over time.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "http_loop_support.h"

namespace {

using http::Stream;
using http_test::Clock;
using http_test::kSmall;
using http_test::patient;
using http_test::RawClient;
using http_test::ServedLoop;
using std::chrono::seconds;
using testing::AllOf;
using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

constexpr const char* kEvents = "GET /events HTTP/1.1\r\nHost: x\r\n\r\n";

// Keeps the streams that its clients open.
class Hub {
 public:
  http::Handler handler() {
    return [this](const http::Request& request, http::Response& response) {
      if (request.path != "/events") return http_test::small_or_huge(request, response);
      response.content_type = "text/event-stream";
      response.stream = request.stream;
      const std::lock_guard lock(mutex_);
      streams_.push_back(request.stream);
      opened_.notify_all();
    };
  }

  // The first `count` streams, once they are open.
  std::vector<std::shared_ptr<Stream>> streams(std::size_t count) {
    std::unique_lock lock(mutex_);
    EXPECT_TRUE(opened_.wait_for(lock, seconds(10), [&] { return streams_.size() >= count; }));
    return streams_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable opened_;
  std::vector<std::shared_ptr<Stream>> streams_;
};

bool is_left(const Stream& stream) {
  std::promise<void> left;
  const std::stop_callback on_left(stream.left(), [&] { left.set_value(); });
  return left.get_future().wait_for(seconds(10)) == std::future_status::ready;
}

TEST(Streams, ArriveAsTheyAreWritten) {
  Hub hub;
  const ServedLoop served(hub.handler(), patient());
  RawClient client(served.port());
  client.send(kEvents);
  const auto stream = hub.streams(1).front();
  const std::string head = client.receive_until("\r\n\r\n");
  EXPECT_THAT(
      head,
      AllOf(StartsWith("HTTP/1.1 200 OK\r\n"), HasSubstr("Transfer-Encoding: chunked\r\n"),
            HasSubstr("Content-Type: text/event-stream\r\n"), Not(HasSubstr("Content-Length"))));
  for (const char* const event : {"data: 1\n\n", "data: 2\n\n"}) {
    EXPECT_EQ(stream->write(event), Stream::Put::kTaken);
    EXPECT_EQ(client.receive_until("\n\n\r\n"), std::string("9\r\n") + event + "\r\n");
  }
  stream->end();
  EXPECT_EQ(client.receive_until("0\r\n\r\n"), "0\r\n\r\n");
  EXPECT_EQ(stream->write("more"), Stream::Put::kGone);
  client.send(kSmall);  // the connection is as good as before
  EXPECT_THAT(client.receive_until("xxxxx\n"), StartsWith("HTTP/1.1 200 "));
}

TEST(Streams, MayBeWrittenAndEndedBeforeTheHandlerReturns) {
  const ServedLoop served(
      [](const http::Request& request, http::Response& response) {
        response.stream = request.stream;
        response.stream->write("all of it");
        response.stream->end();
      },
      patient());
  RawClient client(served.port());
  client.send(kEvents);
  EXPECT_THAT(client.receive_until("0\r\n\r\n"), EndsWith("\r\n\r\n9\r\nall of it\r\n0\r\n\r\n"));
}

TEST(Streams, MayBeFullBeforeTheHandlerReturns) {
  const std::string event(Stream::kMaxWaitingBytes, 'e');
  std::shared_ptr<Stream> stream;
  const ServedLoop served(
      [&](const http::Request& request, http::Response& response) {
        response.stream = request.stream;
        EXPECT_EQ(request.stream->write(event), Stream::Put::kTaken);
        stream = request.stream;
      },
      patient());
  RawClient client(served.port());
  client.send(kEvents);
  EXPECT_EQ(http_test::count_of(client.receive_until("eee\r\n"), "eeee"),
            static_cast<int>(event.size()) - 3);
}

TEST(Streams, EndWithTheConnectionForHttp10) {
  Hub hub;
  const ServedLoop served(hub.handler(), patient());
  RawClient client(served.port());
  client.send("GET /events HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  const auto stream = hub.streams(1).front();
  stream->write("plain");
  stream->end();
  const std::string answer = client.receive_until("never");
  EXPECT_THAT(answer, AllOf(HasSubstr("Connection: close\r\n"), EndsWith("\r\n\r\nplain"),
                            Not(HasSubstr("chunked"))));
}

TEST(Streams, HaveNoBodyForHead) {
  Hub hub;
  const ServedLoop served(hub.handler(), patient());
  RawClient client(served.port());
  client.send("HEAD /events HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_TRUE(is_left(*hub.streams(1).front()));
  client.receive_until("\r\n\r\n");
  client.send(kSmall);
  EXPECT_THAT(client.receive_until("xxxxx\n"), StartsWith("HTTP/1.1 200 "));
}

TEST(Streams, HoldNoWorker) {
  constexpr std::size_t kStreams = 64;
  Hub hub;
  auto limits = patient();
  limits.workers = 1;
  const ServedLoop served(hub.handler(), limits);
  std::vector<std::unique_ptr<RawClient>> clients;
  for (std::size_t i = 0; i < kStreams; ++i) {
    clients.push_back(std::make_unique<RawClient>(served.port()));
    clients.back()->send(kEvents);
  }
  const auto streams = hub.streams(kStreams);
  RawClient other(served.port());
  for (int turn = 0; turn < 20; ++turn) {
    for (const auto& stream : streams) stream->write("data: something\n\n");
    other.send(kSmall);
    EXPECT_THAT(other.receive_until("xxxxx\n"), StartsWith("HTTP/1.1 200 "));
  }
  for (const auto& stream : streams) stream->end();
  for (const auto& client : clients) {
    EXPECT_EQ(http_test::count_of(client->receive_until("0\r\n\r\n"), "data: "), 20);
  }
}

TEST(Streams, ToldOfAClientThatHasGone) {
  Hub hub;
  const ServedLoop served(hub.handler(), patient());
  std::shared_ptr<Stream> stream;
  {
    RawClient client(served.port());
    client.send(kEvents);
    stream = hub.streams(1).front();
    client.receive_until("\r\n\r\n");
  }
  // It may have shut its sending side only: what is written tells.
  const auto deadline = Clock::now() + seconds(10);
  while (stream->write("data: x\n\n") == Stream::Put::kTaken && Clock::now() < deadline) {
  }
  EXPECT_TRUE(is_left(*stream));
}

TEST(Streams, GoOnForAClientThatOnlyEndedItsSending) {
  Hub hub;
  const ServedLoop served(hub.handler(), patient());
  RawClient client(served.port());
  client.send(kEvents);
  client.end_sending();
  const auto stream = hub.streams(1).front();
  client.receive_until("\r\n\r\n");
  EXPECT_EQ(stream->write("data: 1\n\n"), Stream::Put::kTaken);
  EXPECT_THAT(client.receive_until("data: 1\n\n"), HasSubstr("data: 1"));
  stream->end();
  EXPECT_THAT(client.receive_until("never"), EndsWith("0\r\n\r\n"));
}

TEST(Streams, AreLimitedForWhoDoesNotRead) {
  Hub hub;
  const ServedLoop served(hub.handler(), patient());
  RawClient client(served.port());
  client.send(kEvents);
  const auto stream = hub.streams(1).front();
  const std::string event(1'000, 'e');
  const auto deadline = Clock::now() + seconds(30);
  // More than the kernel takes beside our own queue.
  for (int written = 0; written < 20'000 && Clock::now() < deadline; ++written) {
    stream->write(event);
    EXPECT_LE(stream->waiting_bytes(), Stream::kMaxWaitingBytes);
  }
  EXPECT_EQ(stream->write(std::string(Stream::kMaxWaitingBytes, 'e')), Stream::Put::kFull);
  EXPECT_FALSE(stream->left().stop_requested());
}

TEST(Streams, AreDroppedForWhoDoesNotReadForTooLong) {
  Hub hub;
  auto limits = patient();
  limits.unread = std::chrono::milliseconds(100);
  const ServedLoop served(hub.handler(), limits);
  RawClient client(served.port());
  client.send(kEvents);
  const auto stream = hub.streams(1).front();
  const auto deadline = Clock::now() + seconds(30);
  while (stream->write(std::string(100'000, 'e')) != Stream::Put::kGone &&
         Clock::now() < deadline) {
    std::this_thread::yield();
  }
  EXPECT_TRUE(is_left(*stream));
  EXPECT_EQ(stream->write("x"), Stream::Put::kGone);
  EXPECT_TRUE(served.drops_until([](const auto& drops) { return drops.slow_reads == 1; }));
}

TEST(Streams, AreToldOfTheStopAndOutliveIt) {
  Hub hub;
  ServedLoop served(hub.handler(), patient());
  RawClient client(served.port());
  client.send(kEvents);
  const auto stream = hub.streams(1).front();
  client.receive_until("\r\n\r\n");
  stream->write("data: bye\n\n");
  const auto begin = Clock::now();
  served.stop();
  EXPECT_LT(Clock::now() - begin, seconds(1));
  EXPECT_TRUE(stream->left().stop_requested());
  EXPECT_EQ(stream->write("x"), Stream::Put::kGone);
  EXPECT_THAT(client.receive_until("never"), HasSubstr("data: bye\n\n"));
}

}  // namespace
