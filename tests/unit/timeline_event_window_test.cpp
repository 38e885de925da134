// What is kept of events, and in which order.
#include "timeline/event_window.h"

#include <gtest/gtest.h>

namespace {

using model::TimelineEvent;
using timeline::EventWindow;

constexpr std::uint64_t kSecondNs = 1'000'000'000;
constexpr std::size_t kAll = 1'000'000;

TimelineEvent stall(const std::string& process, std::uint64_t ended_ns) {
  return {0, process, ended_ns - 10, ended_ns, model::StallEvent{"main", 10}};
}

TEST(EventWindow, NumbersEventsOfAllTargetsAsTheyCome) {
  EventWindow window("01ab");
  window.add(stall("a", 100));
  window.add(stall("b", 200));
  window.add(stall("a", 300));
  const auto all = window.read(0, kAll, std::nullopt);
  EXPECT_EQ(all.epoch, "01ab");
  EXPECT_EQ(all.first, 1u);
  EXPECT_EQ(all.next, 4u);
  ASSERT_EQ(all.events.size(), 3u);
  for (std::size_t i = 0; i < 3; ++i) EXPECT_EQ(all.events[i].sequence, i + 1);
  const auto of_a = window.read(2, kAll, "a");
  ASSERT_EQ(of_a.events.size(), 1u);
  EXPECT_EQ(of_a.events[0].sequence, 3u);
  EXPECT_TRUE(window.read(0, kAll, "c").events.empty());
}

TEST(EventWindow, GivesTheOldestFirstWhereThereIsALimit) {
  EventWindow window("e");
  for (int i = 0; i < 10; ++i) window.add(stall(i % 2 == 0 ? "a" : "b", 100));
  const auto part = window.read(3, 4, std::nullopt);
  ASSERT_EQ(part.events.size(), 4u);
  EXPECT_EQ(part.events.front().sequence, 3u);
  EXPECT_EQ(part.events.back().sequence, 6u);
  EXPECT_EQ(part.next, 11u);
}

TEST(EventWindow, KeepsTenMinutesAndAtLeastSoManyEvents) {
  EventWindow window("e");
  for (std::uint64_t i = 0; i < 5'000; ++i) window.add(stall("a", kSecondNs));
  EXPECT_EQ(window.read(0, kAll, "a").events.size(), 5'000u);
  window.add(stall("a", 700 * kSecondNs));
  const auto part = window.read(0, kAll, "a");
  EXPECT_EQ(part.events.size(), 4'096u);
  EXPECT_EQ(part.lost, 0u) << "what is old has had its time";
}

TEST(EventWindow, CountsWhatGoesBeforeItsTime) {
  EventWindow window("e");
  for (std::uint64_t i = 0; i < 70'000; ++i) window.add(stall("a", kSecondNs));
  const auto part = window.read(0, kAll, "a");
  EXPECT_EQ(part.events.size() + part.lost, 70'000u);
  EXPECT_EQ(part.events.size(), 65'536u);
  EXPECT_EQ(part.first, part.events.front().sequence);
}

TEST(EventWindow, CountsWhatHolesHaveLost) {
  EventWindow window("e");
  window.add({0, "a", 10, 20, model::LostEvent{12, "events_full"}});
  EXPECT_EQ(window.read(0, kAll, "a").lost, 12u);
  EXPECT_EQ(window.read(0, kAll, "b").lost, 0u);
}

TEST(EventWindow, LearnsLaterHowManyRequestsACollectionHit) {
  EventWindow window("e");
  model::GcEvent gc;
  gc.heap = 7;
  gc.cycle = 3;
  window.add({0, "a", 1, 2, gc});
  window.add(stall("a", 3));
  window.note_requests("a", 7, 3, 5);
  window.note_requests("a", 7, 4, 9);
  window.note_requests("b", 7, 3, 9);
  const auto part = window.read(0, kAll, "a");
  EXPECT_EQ(std::get<model::GcEvent>(part.events[0].detail).requests_hit, 5u);
}

TEST(EventWindow, ForgetsTheTargetThatHasBeenGoneForLongest) {
  EventWindow window("e");
  for (int i = 0; i < 300; ++i) window.add(stall("target" + std::to_string(i), 100));
  EXPECT_TRUE(window.read(0, kAll, "target0").events.empty());
  EXPECT_EQ(window.read(0, kAll, "target299").events.size(), 1u);
  EXPECT_EQ(window.read(0, kAll, std::nullopt).events.size(), 256u);
}

}  // namespace
