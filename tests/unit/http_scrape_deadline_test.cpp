#include <gtest/gtest.h>

#include "http/scrape_deadline.h"

namespace {

using http::parse_scrape_budget;
using std::chrono::milliseconds;

TEST(ParseScrapeBudget, LeavesHalfASecond) {
  EXPECT_EQ(parse_scrape_budget("10"), milliseconds(9'500));
  EXPECT_EQ(parse_scrape_budget("10.000000"), milliseconds(9'500));
  EXPECT_EQ(parse_scrape_budget("2.5"), milliseconds(2'000));
  EXPECT_EQ(parse_scrape_budget("3600"), milliseconds(3'599'500));
}

TEST(ParseScrapeBudget, LeavesHalfOfAShortTimeout) {
  EXPECT_EQ(parse_scrape_budget("1"), milliseconds(500));
  EXPECT_EQ(parse_scrape_budget("0.5"), milliseconds(250));
  EXPECT_EQ(parse_scrape_budget("0.1"), milliseconds(50));
}

TEST(ParseScrapeBudget, IsFiveSecondsWithoutASensibleNumber) {
  for (const char* const text :
       {"",     " ",   "0",    "-0",       "-1",    "-1e300", "nan",  "NaN",
        "-nan", "inf", "-inf", "infinity", "1e308", "1e999",  "3601", "99999999999999999999",
        "ten",  "10s", "10 ",  " 10",      "+10",   "0x10",   "10,5", "10;drop",
        "\xFF"}) {
    EXPECT_EQ(parse_scrape_budget(text), milliseconds(5'000)) << text;
  }
}

}  // namespace
