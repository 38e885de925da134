// What the page is made of.
#include <gmock/gmock.h>

#include <limits>

#include "terminal/cells.h"
#include "terminal/choice.h"
#include "terminal/rates.h"
#include "terminal/table.h"
#include "terminal/units.h"

namespace {

using terminal::Histogram;
using terminal::Key;
using testing::ElementsAre;

constexpr double kInfinity = std::numeric_limits<double>::infinity();

TEST(Rate, IsADifferencePerSecond) {
  EXPECT_EQ(terminal::rate(10, 30, 2), 10);
  EXPECT_EQ(terminal::rate(10, 10, 1), 0);
  EXPECT_EQ(terminal::rate(10, 9, 1), std::nullopt);
  EXPECT_EQ(terminal::rate(std::nullopt, 9, 1), std::nullopt);
  EXPECT_EQ(terminal::rate(9, std::nullopt, 1), std::nullopt);
  EXPECT_EQ(terminal::rate(1, 2, 0), std::nullopt);
}

TEST(Percentiles, AreInterpolatedInDifferences) {
  const Histogram before{{0.1, 1, kInfinity}, {100, 100, 100}};
  const Histogram now{{0.1, 1, kInfinity}, {150, 200, 200}};
  const auto of = terminal::percentiles_of(difference(before, now));
  EXPECT_DOUBLE_EQ(of.p50->seconds, 0.1);
  EXPECT_DOUBLE_EQ(of.p99->seconds, 0.1 + 0.9 * 0.98);
  EXPECT_FALSE(of.p99->is_beyond);
}

TEST(Percentiles, SayWhereTheyAreBeyondTheBounds) {
  const auto of = terminal::percentiles_of({{0.1, 10, kInfinity}, {1, 1, 2}});
  EXPECT_EQ(terminal::latency(of.p99), "> 10 s");
  EXPECT_EQ(terminal::latency(of.p50), "100 ms");
}

TEST(Percentiles, AreUnknownOfNothing) {
  EXPECT_FALSE(terminal::percentiles_of({{0.1, kInfinity}, {0, 0}}).p50);
  EXPECT_FALSE(terminal::percentiles_of({}).p99);
  const Histogram more{{0.1, kInfinity}, {5, 5}};
  const Histogram less{{0.1, kInfinity}, {4, 4}};
  EXPECT_TRUE(difference(more, less).bounds.empty());
  EXPECT_TRUE(difference({{1, kInfinity}, {0, 0}}, more).bounds.empty());
  EXPECT_TRUE(difference({}, more).bounds.empty());
}

TEST(Units, AreThoseThatPeopleRead) {
  EXPECT_EQ(terminal::count(0), "0");
  EXPECT_EQ(terminal::count(999'999), "999,999");
  EXPECT_EQ(terminal::count(1'203), "1,203");
  EXPECT_EQ(terminal::count(1.2e7), "12.0 M");
  EXPECT_EQ(terminal::count(std::nullopt), "–");
  EXPECT_EQ(terminal::count(1e300), "–");
  EXPECT_EQ(terminal::per_second(0), "0");
  EXPECT_EQ(terminal::per_second(0.01), "<0.1");
  EXPECT_EQ(terminal::per_second(1203.4), "1,203");
  EXPECT_EQ(terminal::bytes(512), "512 B");
  EXPECT_EQ(terminal::bytes(34.04 * 1024 * 1024), "34.0 MiB");
  EXPECT_EQ(terminal::seconds(0.00025), "250 us");
  EXPECT_EQ(terminal::seconds(1.2), "1.20 s");
  EXPECT_EQ(terminal::age(59.9), "59 s");
  EXPECT_EQ(terminal::age(11'520), "3 h 12 min");
  EXPECT_EQ(terminal::time_of_day(1'770'127'331.5), "14:02:11.500");
  EXPECT_EQ(terminal::date_and_time(1e300), "1970-01-01 00:00:00");
}

TEST(Cells, CountWhatATerminalTakes) {
  EXPECT_EQ(terminal::width(terminal::safe("abc")), 3u);
  EXPECT_EQ(terminal::width(terminal::safe("日本")), 4u);
  EXPECT_EQ(terminal::cut("abcdef", 4), "abc~");
  EXPECT_EQ(terminal::cut("日本語", 4), "日~");
  EXPECT_EQ(terminal::cut("abc", 0), "");
  EXPECT_EQ(terminal::fit("ab", 4), "ab  ");
  EXPECT_EQ(terminal::fit("ab", 4, terminal::Side::kRight), "  ab");
  EXPECT_EQ(terminal::safe("a\xE2\x80\x8B\xF0\x9F\x98\x80"), "a\xEF\xBF\xBD\xEF\xBF\xBD");
}

TEST(Keys, AreReadAsTheyCome) {
  EXPECT_THAT(terminal::read_keys("q"), ElementsAre(Key::kQuit));
  EXPECT_THAT(terminal::read_keys("\x03"), ElementsAre(Key::kQuit));
  EXPECT_THAT(terminal::read_keys("\x1b[A\x1b[Bj\r"),
              ElementsAre(Key::kUp, Key::kDown, Key::kDown, Key::kOpen));
  EXPECT_THAT(terminal::read_keys("\x1b"), ElementsAre(Key::kBack));
  EXPECT_THAT(terminal::read_keys("\x1b[15~q"), ElementsAre(Key::kOther, Key::kQuit));
  EXPECT_THAT(terminal::read_keys("\x1b["), ElementsAre(Key::kOther));
  EXPECT_THAT(terminal::read_keys(""), ElementsAre());
}

TEST(ShareLines, GivesByTurnsWhatIsLeft) {
  EXPECT_THAT(terminal::share_lines({5, 2, 9}, 100), ElementsAre(5, 2, 9));
  EXPECT_THAT(terminal::share_lines({5, 2, 9}, 12), ElementsAre(5, 2, 5));
  EXPECT_THAT(terminal::share_lines({9, 9, 9}, 7), ElementsAre(3, 3, 1));
  EXPECT_THAT(terminal::share_lines({9}, 0), ElementsAre(0));
}

}  // namespace
