#include "command/overhead_share.h"

#include <gtest/gtest.h>

namespace {

using command::parse_overhead_share;

TEST(ParseOverheadShare, TakesPercentsAndShares) {
  EXPECT_DOUBLE_EQ(parse_overhead_share("1%")->value(), 0.01);
  EXPECT_DOUBLE_EQ(parse_overhead_share("0.5 %")->value(), 0.005);
  EXPECT_DOUBLE_EQ(parse_overhead_share("100%")->value(), 1);
  EXPECT_DOUBLE_EQ(parse_overhead_share("0.02")->value(), 0.02);
  EXPECT_EQ(*parse_overhead_share("off"), std::nullopt);
}

TEST(ParseOverheadShare, RefusesWhatIsNoShare) {
  for (const char* text : {"", "%", "0", "0%", "-1%", "101%", "1.01", "2", "1e-2", "nan", "inf",
                           "0x1", "1%%", "1 percent", " 1%", "0.5 ", "Off"}) {
    const auto share = parse_overhead_share(text);
    ASSERT_FALSE(share) << text;
    EXPECT_NE(share.error().message.find("--overhead.max"), std::string::npos);
  }
}

}  // namespace
