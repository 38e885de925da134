#include <gtest/gtest.h>

#include <cstdlib>
#include <limits>
#include <string>
#include <tuple>
#include <vector>

#include "base/utf8.h"
#include "expose/number.h"

namespace {

using base::valid_utf8;

std::string seconds_text(std::uint64_t ns) {
  std::string text;
  expose::append_seconds(text, ns);
  return text;
}

std::string canonical_text(std::uint64_t ns) {
  std::string text;
  expose::append_canonical_seconds(text, ns);
  return text;
}

std::string ratio_text(double ratio) {
  std::string text;
  expose::append_ratio(text, ratio);
  return text;
}

TEST(Bounds, AreTheShortestThatReadBackTheSame) {
  const std::vector<std::tuple<double, const char*, const char*>> bounds{
      {0, "0", "0.0"},
      {0.1, "0.1", "0.1"},
      {0.00005, "0.00005", "5e-05"},
      {1, "1", "1.0"},
      {1.0 / 3, "0.3333333333333333", "0.3333333333333333"},
      {123456.5, "123456.5", "123456.5"},
      {1e6, "1000000", "1e+06"},
      {9'007'199'254'740'993, "9007199254740992", "9.007199254740992e+15"},
      {1e300, "1e+300", "1e+300"},
      {5e-324, "5e-324", "5e-324"},
      {1.7976931348623157e308, "1.7976931348623157e+308", "1.7976931348623157e+308"}};
  for (const auto& [bound, plain, canonical] : bounds) {
    std::string text;
    expose::append_bound(text, bound);
    EXPECT_EQ(std::strtod(text.c_str(), nullptr), bound);
    EXPECT_EQ(text, plain);
    text.clear();
    expose::append_canonical_bound(text, bound);
    EXPECT_EQ(text, canonical);
  }
}

TEST(SignedText, IsExact) {
  std::string text;
  expose::append_signed(text, std::numeric_limits<std::int64_t>::min());
  expose::append_signed(text, 7);
  EXPECT_EQ(text, "-92233720368547758087");
}

TEST(SecondsText, IsExactAndHasNoTrailingZeros) {
  EXPECT_EQ(seconds_text(0), "0");
  EXPECT_EQ(seconds_text(1), "0.000000001");
  EXPECT_EQ(seconds_text(1'500), "0.0000015");
  EXPECT_EQ(seconds_text(1'000'000'000), "1");
  EXPECT_EQ(seconds_text(10'500'000'000), "10.5");
  EXPECT_EQ(seconds_text(100'000'000'000), "100");
}

TEST(SecondsText, IsExactBeyondWhatADoubleHolds) {
  EXPECT_EQ(seconds_text(9'007'199'254'740'993), "9007199.254740993");
  EXPECT_EQ(seconds_text(std::numeric_limits<std::uint64_t>::max()), "18446744073.709551615");
}

TEST(SecondsText, WritesEveryBoundAsItsShortestDecimal) {
  EXPECT_EQ(seconds_text(10'000), "0.00001");
  EXPECT_EQ(seconds_text(250'000), "0.00025");
  EXPECT_EQ(seconds_text(2'500'000), "0.0025");
  EXPECT_EQ(seconds_text(500'000'000), "0.5");
  EXPECT_EQ(seconds_text(10'000'000'000), "10");
}

TEST(CanonicalSeconds, AreFloatsAsGoWritesThem) {
  EXPECT_EQ(canonical_text(0), "0.0");
  EXPECT_EQ(canonical_text(1), "1e-09");
  EXPECT_EQ(canonical_text(10'000), "1e-05");
  EXPECT_EQ(canonical_text(25'000), "2.5e-05");
  EXPECT_EQ(canonical_text(100'000), "0.0001");
  EXPECT_EQ(canonical_text(2'000'000), "0.002");
  EXPECT_EQ(canonical_text(2'500'000), "0.0025");
  EXPECT_EQ(canonical_text(950'000'000), "0.95");
  EXPECT_EQ(canonical_text(1'000'000'000), "1.0");
  EXPECT_EQ(canonical_text(1'700'000'000), "1.7");
  EXPECT_EQ(canonical_text(10'000'000'000), "10.0");
  EXPECT_EQ(canonical_text(3'600'000'000'000), "3600.0");
  EXPECT_EQ(canonical_text(100'000'000'000'000), "100000.0");
  EXPECT_EQ(canonical_text(1'000'000'000'000'000), "1e+06");
}

TEST(Append, KeepsWhatIsThere) {
  std::string text = "1.5 ";
  expose::append_count(text, 18'446'744'073'709'551'615U);
  expose::append_canonical_seconds(text += ' ', 1'000'000'000);
  expose::append_seconds(text += ' ', 1'010'000'000);
  EXPECT_EQ(text, "1.5 18446744073709551615 1.0 1.01");
}

TEST(RatioText, NeverHasAnExponent) {
  EXPECT_EQ(ratio_text(0.25), "0.25");
  EXPECT_EQ(ratio_text(0.00001), "0.00001");
  EXPECT_EQ(ratio_text(0.1), "0.1");
  EXPECT_EQ(ratio_text(1.0), "1");
  EXPECT_EQ(ratio_text(1e21), "1000000000000000000000");
  for (const double extreme :
       {std::numeric_limits<double>::max(), -std::numeric_limits<double>::max(),
        std::numeric_limits<double>::denorm_min()}) {
    const std::string text = ratio_text(extreme);
    EXPECT_EQ(text.find('e'), std::string::npos);
    EXPECT_EQ(std::strtod(text.c_str(), nullptr), extreme);
  }
}

TEST(RatioText, WritesWhatIsNoNumberAsPrometheusDoes) {
  EXPECT_EQ(ratio_text(std::numeric_limits<double>::quiet_NaN()), "NaN");
  EXPECT_EQ(ratio_text(std::numeric_limits<double>::infinity()), "+Inf");
  EXPECT_EQ(ratio_text(-std::numeric_limits<double>::infinity()), "-Inf");
}

TEST(ValidUtf8, KeepsWhatIsValid) {
  EXPECT_EQ(base::valid_utf8(""), "");
  EXPECT_EQ(base::valid_utf8("plain"), "plain");
  EXPECT_EQ(base::valid_utf8(
                "\x7F \xC2\x80 \xDF\xBF \xE0\xA0\x80 \xED\x9F\xBF \xEE\x80\x80 \xEF\xBF\xBF"),
            "\x7F \xC2\x80 \xDF\xBF \xE0\xA0\x80 \xED\x9F\xBF \xEE\x80\x80 \xEF\xBF\xBF");
  EXPECT_EQ(base::valid_utf8("\xF0\x90\x80\x80\xF4\x8F\xBF\xBF"),
            "\xF0\x90\x80\x80\xF4\x8F\xBF\xBF");
}

TEST(ValidUtf8, ReplacesEveryByteThatBelongsToNoSequence) {
  const std::string r = "\xEF\xBF\xBD";
  EXPECT_EQ(base::valid_utf8("\xFF"), r);
  EXPECT_EQ(base::valid_utf8("a\x80z"), "a" + r + "z");
  EXPECT_EQ(base::valid_utf8("\xC0\xAF"), r + r);          // overlong "/"
  EXPECT_EQ(base::valid_utf8("\xE0\x9F\xBF"), r + r + r);  // overlong
  EXPECT_EQ(base::valid_utf8("\xED\xA0\x80"), r + r + r);  // surrogate
  EXPECT_EQ(base::valid_utf8("\xF0\x8F\xBF\xBF"), r + r + r + r);
  EXPECT_EQ(base::valid_utf8("\xF4\x90\x80\x80"), r + r + r + r);  // above U+10FFFF
  EXPECT_EQ(base::valid_utf8("\xF5\x80\x80\x80"), r + r + r + r);
}

TEST(ValidUtf8, ReplacesSequencesThatTheEndCutsOff) {
  const std::string r = "\xEF\xBF\xBD";
  EXPECT_EQ(base::valid_utf8("x\xC3"), "x" + r);
  EXPECT_EQ(base::valid_utf8("x\xE2\x82"), "x" + r + r);
  EXPECT_EQ(base::valid_utf8("x\xF0\x9F\x98"), "x" + r + r + r);
}

TEST(ValidUtf8, IsMadeInPlaceToo) {
  for (const std::string text : {"", "plain", "gr\xC3\xBC", "a\xFFz"}) {
    std::string made = text;
    base::make_valid_utf8(made);
    EXPECT_EQ(made, base::valid_utf8(text));
  }
  std::string with_nul("a\0b", 3);
  base::make_valid_utf8(with_nul);
  EXPECT_EQ(with_nul, base::valid_utf8(std::string_view("a\0b", 3)));
}

TEST(ValidUtf8, ReplacesNul) {
  EXPECT_EQ(base::valid_utf8(std::string_view("a\0b", 3)),
            "a\xEF\xBF\xBD"
            "b");
}

}  // namespace
