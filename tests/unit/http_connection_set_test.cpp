// Whom room is made of, by a clock of the test's.
#include <gtest/gtest.h>

#include <poll.h>

#include <algorithm>
#include <cstring>
#include <memory>
#include <string>
#include <utility>

#include "http/connection_set.h"

namespace {

using http::Answer;
using http::Connection;
using http::ConnectionSet;
using http::Limits;
using http::Moved;
using std::chrono::milliseconds;
using std::chrono::seconds;

// A client that has sent `input`, and takes `window` bytes.
class FakeTransport final : public http::Transport {
 public:
  FakeTransport(std::string input, std::size_t window)
      : input_(std::move(input)), window_(window) {}

  Moved receive(char* data, std::size_t size) override {
    if (input_.empty()) return {Moved::State::kWaitReadable};
    const std::size_t bytes = std::min(size, input_.size());
    std::memcpy(data, input_.data(), bytes);
    input_.erase(0, bytes);
    return {Moved::State::kMoved, bytes};
  }
  Moved send(std::string_view bytes) override {
    const std::size_t taken = std::min(bytes.size(), window_);
    if (taken == 0) return {Moved::State::kWaitWritable};
    window_ -= taken;
    return {Moved::State::kMoved, taken};
  }
  Moved::State end_sending() override { return Moved::State::kMoved; }
  std::size_t undelivered_bytes() const override { return 0; }
  int fd() const override { return -1; }

 private:
  std::string input_;
  std::size_t window_;
};

constexpr const char* kRequest = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";

class Room : public testing::Test {
 protected:
  // Connections are numbered as they are added, from 1 on.
  Connection& add(const std::string& input, std::size_t window = 1'000'000) {
    auto connection =
        std::make_unique<Connection>(std::make_unique<FakeTransport>(input, window), limits_, now_);
    Connection& added = *connection;
    set_.add(std::move(connection));
    added.advance(POLLIN, now_);
    return added;
  }

  Connection& add_computing() {
    Connection& connection = add(kRequest);
    connection.take_head();
    return connection;
  }

  void answer(Connection& connection, std::size_t bytes, bool keep_alive = true) {
    Answer answer;
    answer.body = std::string(bytes, 'x');
    answer.keep_alive = keep_alive;
    connection.answer(std::move(answer), now_);
  }

  // Answered before, and silent since.
  Connection& add_known() {
    Connection& connection = add_computing();
    answer(connection, 1);
    return connection;
  }

  Connection& add_reader(std::size_t window, std::size_t bytes = 1'000) {
    Connection& connection = add(kRequest, window);
    connection.take_head();
    answer(connection, bytes);
    return connection;
  }

  // The number of the connection that is dropped; 0: none.
  http::ConnectionId dropped(bool (ConnectionSet::*drop)(ConnectionSet::TimePoint)) {
    const auto before = set_.ids();
    if (!(set_.*drop)(now_)) return 0;
    for (const auto id : before) {
      if (set_.find(id) == nullptr) return id;
    }
    return 0;
  }
  http::ConnectionId dropped_for_room() { return dropped(&ConnectionSet::drop_for_room); }
  http::ConnectionId dropped_as_slowest() { return dropped(&ConnectionSet::drop_slowest); }

  Limits limits_;
  ConnectionSet::TimePoint now_{std::chrono::hours(1)};
  ConnectionSet set_;
};

TEST_F(Room, IsMadeOfWhoIsMissedLeast) {
  add_reader(10);                     // 1: slow
  add_known();                        // 2: silent
  add("");                            // 3: never asked
  answer(add_computing(), 1, false);  // 4: waits for the end
  add_computing();                    // 5
  now_ += seconds(2);
  for (const http::ConnectionId id : {4, 3, 2, 1, 0}) EXPECT_EQ(dropped_for_room(), id);
  EXPECT_NE(set_.find(5), nullptr);
}

TEST_F(Room, IsMadeOfTheOldestOfEquals) {
  add("");
  now_ += seconds(1);
  add("");
  now_ += seconds(1);
  EXPECT_EQ(dropped_for_room(), 1U);
  EXPECT_EQ(dropped_for_room(), 2U);
}

TEST_F(Room, IsNotMadeOfWhoCameInTheSameMoment) {
  add("");
  EXPECT_FALSE(set_.can_make_room(now_));
  EXPECT_EQ(dropped_for_room(), 0U);
  now_ += milliseconds(1);
  EXPECT_TRUE(set_.can_make_room(now_));
}

TEST_F(Room, IsMadeOfNewReadersBeforeNewcomersAndWhoWasJustAnswered) {
  add_known();  // 1
  now_ += milliseconds(270);
  add("");         // 2
  add_reader(10);  // 3
  now_ += milliseconds(30);
  for (const http::ConnectionId id : {3, 2, 1}) EXPECT_EQ(dropped_for_room(), id);
}

TEST_F(Room, IsNotMadeOfWhoWasAnsweredAMomentAgo) {
  add_known();
  now_ += milliseconds(100);
  EXPECT_EQ(dropped_for_room(), 0U);
}

TEST_F(Room, IsMadeOfTheSlowestOfReaders) {
  add_reader(500);  // 1
  add_reader(10);   // 2
  add_reader(900);  // 3
  now_ += seconds(2);
  add_reader(0);  // 4: has only just begun
  EXPECT_EQ(set_.waiting_bytes(), 500U + 990U + 100U + 1'000U);
  for (const http::ConnectionId id : {2, 1, 3, 0}) EXPECT_EQ(dropped_as_slowest(), id);
  EXPECT_NE(set_.find(4), nullptr);  // alone, its answer is as large as it must be
}

}  // namespace
