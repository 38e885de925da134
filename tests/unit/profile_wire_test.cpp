// Messages to and from the confined process, taken apart from whatever it wrote.
#include "profile/wire.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <chrono>
#include <limits>
#include <thread>

#include "base/unique_fd.h"

namespace {

using profile::WireReader;
using profile::WireWriter;

constexpr std::uint64_t kHuge = std::numeric_limits<std::uint64_t>::max();

std::vector<std::byte> message_of(std::initializer_list<std::uint64_t> numbers) {
  WireWriter writer;
  for (const std::uint64_t number : numbers) writer.put(number);
  return writer.bytes();
}

TEST(Wire, GivesBackWhatWasPut) {
  WireWriter writer;
  writer.put(kHuge);
  writer.put_text("a");
  writer.put_text("");
  writer.put_bytes(std::as_bytes(std::span("xyz", 3)));
  WireReader reader(writer.bytes());
  EXPECT_EQ(reader.take(), kHuge);
  EXPECT_EQ(reader.take_text(10), "a");
  EXPECT_EQ(reader.take_text(0), "");
  EXPECT_EQ(reader.take_bytes()->size(), 3u);
  EXPECT_TRUE(reader.is_at_end());
  EXPECT_FALSE(reader.take());
}

TEST(Wire, HasNoHalfNumber) {
  auto message = message_of({1, 2});
  message.pop_back();
  WireReader reader(message);
  EXPECT_EQ(reader.take(), 1u);
  EXPECT_FALSE(reader.take());
  EXPECT_FALSE(reader.take_bytes());
}

TEST(Wire, HasNoMoreBytesThanThereAre) {
  for (const std::uint64_t size : {std::uint64_t{9}, kHuge, kHuge - 7}) {
    const auto message = message_of({size, 0});
    WireReader reader(message);
    EXPECT_FALSE(reader.take_bytes()) << size;
    EXPECT_FALSE(reader.take()) << "nothing after what was not there";
  }
  const auto message = message_of({8, 7});
  WireReader reader(message);
  EXPECT_EQ(reader.take_bytes()->size(), 8u);
}

TEST(Wire, RefusesALongText) {
  WireWriter writer;
  writer.put_text("12345");
  writer.put(1);
  WireReader strict(writer.bytes());
  EXPECT_FALSE(strict.take_text(4));
  EXPECT_FALSE(strict.take());
  WireReader exact(writer.bytes());
  EXPECT_EQ(exact.take_text(5), "12345");
}

TEST(Wire, CountsNoMoreThanThereCanBe) {
  const auto message = message_of({2, 0, 0, 0, 0});
  EXPECT_EQ(WireReader(message).take_count(16), 2u);
  EXPECT_FALSE(WireReader(message).take_count(17));
  EXPECT_FALSE(WireReader(message_of({kHuge})).take_count(1));
  EXPECT_FALSE(WireReader(message_of({kHuge / 8, 0})).take_count(16));
  EXPECT_EQ(WireReader(message_of({0})).take_count(16), 0u);
}

// The two ends of a pipe, of which ours is asked with patience.
class WireOnPipe : public testing::Test {
 protected:
  void SetUp() override {
    int ends[2];
    ASSERT_EQ(::pipe2(ends, O_CLOEXEC), 0);
    from_ = base::UniqueFd(ends[0]);
    to_ = base::UniqueFd(ends[1]);
    for (const int fd : ends) ::fcntl(fd, F_SETFL, O_NONBLOCK);
  }
  static confined::Patience for_ms(int ms) {
    return {std::chrono::steady_clock::now() + std::chrono::milliseconds(ms), {}};
  }
  void write_size(std::uint64_t size) const {
    ASSERT_EQ(::write(to_.get(), &size, sizeof size), static_cast<ssize_t>(sizeof size));
  }

  base::UniqueFd from_;
  base::UniqueFd to_;
};

TEST_F(WireOnPipe, MovesMoreThanThePipeHolds) {
  const std::vector<std::byte> message(1'000'000, std::byte{42});
  std::thread sender(
      [&] { EXPECT_TRUE(profile::send_message(to_.get(), message, for_ms(60'000))); });
  const auto received = profile::receive_message(from_.get(), for_ms(60'000));
  sender.join();
  ASSERT_TRUE(received) << received.error().message;
  EXPECT_EQ(*received, message);
}

TEST_F(WireOnPipe, SendsAnEmptyMessage) {
  ASSERT_TRUE(profile::send_message(to_.get(), {}, for_ms(60'000)));
  const auto received = profile::receive_message(from_.get(), for_ms(60'000));
  ASSERT_TRUE(received);
  EXPECT_TRUE(received->empty());
}

TEST_F(WireOnPipe, SendsNothingPastTheLimit) {
  const std::vector<std::byte> message(profile::kMaxMessageBytes + 1);
  const auto sent = profile::send_message(to_.get(), message, for_ms(60'000));
  ASSERT_FALSE(sent);
  EXPECT_THAT(sent.error().message, testing::HasSubstr("67108865 bytes at once"));
  char byte = 0;
  EXPECT_LT(::read(from_.get(), &byte, 1), 0);
}

TEST_F(WireOnPipe, HearsNothingPastTheLimit) {
  write_size(profile::kMaxMessageBytes + 1);
  EXPECT_FALSE(profile::receive_message(from_.get(), for_ms(60'000)));
  write_size(kHuge);
  EXPECT_FALSE(profile::receive_message_blocking(from_.get()));
}

TEST_F(WireOnPipe, HearsTheEndOfTheOtherSide) {
  write_size(100);
  to_ = base::UniqueFd();
  const auto received = profile::receive_message(from_.get(), for_ms(60'000));
  ASSERT_FALSE(received);
  EXPECT_THAT(received.error().message, testing::HasSubstr("it has ended, or does not answer"));
  EXPECT_FALSE(profile::receive_message_blocking(from_.get()));
}

TEST_F(WireOnPipe, WaitsNoLongerThanItsPatience) {
  EXPECT_FALSE(profile::receive_message(from_.get(), for_ms(1)));
  const std::vector<std::byte> message(1'000'000);
  EXPECT_FALSE(profile::send_message(to_.get(), message, for_ms(1)));
  std::stop_source stop;
  stop.request_stop();
  const confined::Patience stopped{for_ms(60'000).deadline, stop.get_token()};
  EXPECT_FALSE(profile::receive_message(from_.get(), stopped));
}

}  // namespace
