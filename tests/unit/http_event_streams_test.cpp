// Followers of the timeline: what each is told, and what a slow one costs.
#include "http/event_streams.h"

#include <gtest/gtest.h>

#include <regex>

#include "timeline/event_window.h"

namespace {

using http::EventStreams;

class EventStreamsTest : public testing::Test {
 protected:
  std::shared_ptr<http::Stream> follow(const std::string& since = "",
                                       const std::string& process = "") {
    http::Request request;
    request.head.method = http::Method::kGet;
    request.stream = std::make_shared<http::Stream>(event_);
    if (!since.empty()) request.parameters.emplace("since", since);
    if (!process.empty()) request.parameters.emplace("process", process);
    response_ = {};
    streams_.answer(request, response_);
    return response_.stream;
  }
  void add_stalls(int count, const std::string& process = "web", std::size_t name_bytes = 4) {
    for (int i = 0; i < count; ++i) {
      window_.add({0, process, 1, 2, model::StallEvent{std::string(name_bytes, 's'), 1}});
    }
  }
  static std::string text_of(http::Stream& stream) { return stream.take().bytes; }
  // The sequences of the ids in a text.
  static std::vector<int> ids_in(const std::string& text) {
    static const std::regex id("\nid: ep-([0-9]+)\n");
    std::vector<int> ids;
    for (std::sregex_iterator found(text.begin(), text.end(), id), end; found != end; ++found) {
      ids.push_back(std::stoi((*found)[1]));
    }
    return ids;
  }

  timeline::EventWindow window_{"ep"};
  std::shared_ptr<http::EventFd> event_ = make_event();
  EventStreams streams_{
      [this](std::uint64_t since, std::size_t limit, const std::optional<std::string>& process) {
        return window_.read(since, limit, process);
      }};
  http::Response response_;

 private:
  static std::shared_ptr<http::EventFd> make_event();
};

TEST_F(EventStreamsTest, BeginsWithRetryAndHelloAndGoesOnFromNow) {
  add_stalls(3);
  const auto stream = follow();
  ASSERT_TRUE(stream);
  const std::string begin = text_of(*stream);
  EXPECT_TRUE(begin.starts_with("retry: 2000\n: ok\n\nevent: hello\n")) << begin;
  EXPECT_TRUE(ids_in(begin).empty());
  add_stalls(2);
  streams_.tell_events();
  EXPECT_EQ(ids_in(text_of(*stream)), (std::vector{4, 5}));
  streams_.tell_events();
  EXPECT_EQ(text_of(*stream), "");
}

TEST_F(EventStreamsTest, ResumesWhereAReaderWas) {
  add_stalls(5);
  EXPECT_EQ(ids_in(text_of(*follow("ep-3"))), (std::vector{4, 5}));
  EXPECT_EQ(ids_in(text_of(*follow("5"))), std::vector<int>());
}

TEST_F(EventStreamsTest, AnotherEpochOrTheFutureIsAReset) {
  add_stalls(2);
  for (const char* const since : {"other-1", "ep-3", "ep-99"}) {
    const std::string text = text_of(*follow(since));
    EXPECT_NE(text.find("event: reset\n"), std::string::npos) << since;
    EXPECT_EQ(ids_in(text), (std::vector{1, 2})) << since;
  }
  EXPECT_EQ(text_of(*follow("ep-2")).find("event: reset\n"), std::string::npos);
}

TEST_F(EventStreamsTest, WhatIsNoPlaceIsRefused) {
  EXPECT_FALSE(follow("ep-x"));
  EXPECT_EQ(response_.status, 400);
}

TEST_F(EventStreamsTest, TellsOfOneProcessWhereOneIsNamed) {
  const auto stream = follow("", "b");
  add_stalls(1, "a");
  add_stalls(1, "b");
  streams_.tell_events();
  EXPECT_EQ(ids_in(text_of(*stream)), std::vector{2});
  auto snapshot = std::make_shared<model::Snapshot>();
  snapshot->targets.emplace_back().process = "a";
  streams_.tell_snapshot(snapshot);
  EXPECT_NE(text_of(*stream).find("\"targets\":[]"), std::string::npos);
}

TEST_F(EventStreamsTest, AReaderWhoReadsNothingHoldsABoundedRestAndMissesNothing) {
  const auto stream = follow();
  text_of(*stream);
  add_stalls(4'000, "web", 200);
  for (int i = 0; i < 10; ++i) streams_.tell_events();
  EXPECT_LE(stream->waiting_bytes(), http::Stream::kMaxWaitingBytes);
  for (int i = 0; i < 100; ++i) streams_.tell_snapshot(std::make_shared<model::Snapshot>());
  EXPECT_LE(stream->waiting_bytes(), http::Stream::kMaxWaitingBytes);
  std::vector<int> all;
  for (std::string text = text_of(*stream); !text.empty(); text = text_of(*stream)) {
    const auto ids = ids_in(text);
    all.insert(all.end(), ids.begin(), ids.end());
    streams_.tell_events();
  }
  ASSERT_EQ(all.size(), 4'000u);
  for (int i = 0; i < 4'000; ++i) ASSERT_EQ(all[std::size_t(i)], i + 1);
}

TEST_F(EventStreamsTest, ABrowserIsToldToComeAgainWhenAllPlacesAreTaken) {
  std::vector<std::shared_ptr<http::Stream>> all;
  for (std::size_t i = 0; i < EventStreams::kMaxFollowers; ++i) all.push_back(follow());
  EXPECT_FALSE(follow());
  EXPECT_EQ(response_.status, 200);
  EXPECT_EQ(response_.body, "retry: 15000\nevent: busy\ndata: {}\n\n");
  all.front()->close();
  EXPECT_TRUE(follow());
}

TEST_F(EventStreamsTest, SaysGoodbye) {
  const auto stream = follow();
  text_of(*stream);
  streams_.end();
  const auto part = stream->take();
  EXPECT_EQ(part.bytes, "event: bye\ndata: {}\n\n");
  EXPECT_TRUE(part.is_last);
  EXPECT_FALSE(follow());
}

std::shared_ptr<http::EventFd> EventStreamsTest::make_event() {
  auto event = http::EventFd::create();
  return std::make_shared<http::EventFd>(std::move(*event));
}

}  // namespace
