// Lines that come again and again, by a clock that only the test moves.
#include "watch/repeats.h"

#include <gtest/gtest.h>

#include "watch/target_log.h"

namespace {

using std::chrono::seconds;
using watch::Repeats;

struct At {
  Repeats repeats;
  Repeats::Time now{};

  bool admit(const std::string& kind, const std::string& text = "line") {
    return repeats.admit(kind, {base::LogLevel::kWarn, text}, now);
  }
  std::vector<Repeats::HeldBack> due() { return repeats.take_due(now); }
};

TEST(Repeats, WritesThreeAMinuteAndTellsTheRestWhenItIsOver) {
  At at;
  for (int i = 0; i < 60; ++i) {
    EXPECT_EQ(at.admit("a", std::to_string(i)), i < 3) << i;
    EXPECT_TRUE(at.due().empty());
    at.now += seconds(i < 59 ? 1 : 0);
  }
  at.now += seconds(1);
  const auto due = at.due();
  ASSERT_EQ(due.size(), 1u);
  EXPECT_EQ(due[0].count, 57u);
  EXPECT_EQ(due[0].last.text, "59");
  EXPECT_EQ(due[0].last.level, base::LogLevel::kWarn);
  EXPECT_TRUE(at.due().empty());
  EXPECT_TRUE(at.admit("a"));
}

TEST(Repeats, WritesMoreOfAKindThatMay) {
  At at;
  for (int i = 0; i < 25; ++i) {
    const bool is_written =
        at.repeats.admit("many", {base::LogLevel::kWarn, std::to_string(i)}, at.now, 10);
    EXPECT_EQ(is_written, i < 10) << i;
  }
  at.now += seconds(60);
  const auto due = at.due();
  ASSERT_EQ(due.size(), 1u);
  EXPECT_EQ(due[0].count, 15u);
}

TEST(Repeats, KeepsKindsApart) {
  At at;
  for (int i = 0; i < 4; ++i) at.admit("a");
  EXPECT_TRUE(at.admit("b"));
}

TEST(Repeats, TellsNothingOfLinesThatWereAllWritten) {
  At at;
  for (int minute = 0; minute < 5; ++minute) {
    for (int i = 0; i < 3; ++i) EXPECT_TRUE(at.admit("a"));
    at.now += seconds(60);
    EXPECT_TRUE(at.due().empty());
  }
}

// A line that comes before take_due() is called is no reason to forget those before.
TEST(Repeats, LosesNoneWhereItIsAskedLate) {
  At at;
  for (int i = 0; i < 5; ++i) at.admit("a");
  at.now += seconds(90);
  EXPECT_FALSE(at.admit("a"));
  const auto due = at.due();
  ASSERT_EQ(due.size(), 1u);
  EXPECT_EQ(due[0].count, 3u);
}

TEST(Repeats, TellsAllThatIsLeftAtTheEnd) {
  At at;
  for (int i = 0; i < 4; ++i) at.admit("a");
  ASSERT_EQ(at.repeats.take_all().size(), 1u);
  EXPECT_TRUE(at.repeats.take_all().empty());
}

TEST(Repeats, OfOneUserDoNotSilenceWhatIsSaidOfOthers) {
  At at;
  const auto admit = [&](const std::string& kind, std::uint32_t uid) {
    return at.repeats.admit(kind, {base::LogLevel::kWarn, kind}, at.now, Repeats::kAMinute, uid);
  };
  std::size_t written = 0;
  for (int i = 0; i < 5'000; ++i) written += admit("of bob " + std::to_string(i), 1'001) ? 1U : 0U;
  // Each as the first of its kind, and then as many of all others together.
  EXPECT_GE(written, Repeats::kMaxKindsOfUser);
  EXPECT_LE(written, Repeats::kMaxKindsOfUser + Repeats::kAMinute);
  EXPECT_TRUE(admit("of ann", 1'002));
  EXPECT_TRUE(admit("of root", 0));
}

TEST(Repeats, CountsKindsPastItsLimitTogether) {
  At at;
  for (std::size_t i = 0; i < Repeats::kMaxKinds; ++i) at.admit(std::to_string(i) + "a");
  for (int i = 0; i < 10; ++i) EXPECT_EQ(at.admit("more" + std::to_string(i)), i < 3);
  at.now += seconds(60);
  const auto due = at.due();
  ASSERT_EQ(due.size(), 1u);
  EXPECT_EQ(due[0].count, 7u);
}

TEST(KindOf, IsWhoAndWhatIsSaidButForNumbers) {
  EXPECT_EQ(watch::kind_of("a", "pid 4711 has ended: it exited with 3"),
            watch::kind_of("a", "pid 12 has ended: it exited with 127"));
  EXPECT_NE(watch::kind_of("a-1", "pid 1"), watch::kind_of("a-2", "pid 1"));
  EXPECT_NE(watch::kind_of("a", "it exited with 3"), watch::kind_of("a", "it was killed"));
}

TEST(LabelOf, IsTheOneOfTheMetrics) {
  EXPECT_EQ(watch::label_of("web", "valk"), "process=\"web\"");
  EXPECT_EQ(watch::label_of("a\" b=\"\\", "valk"), "process=\"a\\\" b=\\\"\\\\\"");
  EXPECT_EQ(watch::label_of("", "valk"), "valk");
}

}  // namespace
