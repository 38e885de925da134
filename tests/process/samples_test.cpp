// SPDX-License-Identifier: BSD-2-Clause
#include "support/samples.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace {

using test::parse_prometheus;
using test::parse_truth;
using test::Samples;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

TEST(ParsePrometheus, ReadsFamiliesLabelsAndValues) {
  Samples samples = parse_prometheus(
      "# HELP a_total What it is.\n# TYPE a_total counter\n"
      "a_total{x=\"1\",y=\"q\\\"\\\\\\n\"} 18446744073709551615\n"
      "# TYPE b gauge\nb 1.5 1700000000000\n"
      "c NaN\n");
  EXPECT_THAT(samples.problems, IsEmpty());
  EXPECT_EQ(samples.integer("a_total", {{"x", "1"}, {"y", "q\"\\\n"}}), 18446744073709551615U);
  EXPECT_EQ(samples.number("b"), 1.5);
  EXPECT_EQ(samples.find("c")->text, "NaN");
  EXPECT_EQ(samples.types.at("a_total"), "counter");
  EXPECT_EQ(samples.helps.at("a_total"), "What it is.");
}

TEST(ParsePrometheus, BoundsAreComparedAsNumbers) {
  Samples samples = parse_prometheus(
      "# TYPE h histogram\nh_bucket{le=\"1e-05\"} 1\nh_bucket{le=\"10.0\"} 2\n"
      "h_bucket{le=\"+Inf\"} 2\nh_sum 0.1\nh_count 2\n");
  EXPECT_THAT(samples.problems, IsEmpty());
  EXPECT_EQ(samples.integer("h_bucket", {{"le", "0.00001"}}), 1U);
  EXPECT_EQ(samples.integer("h_bucket", {{"le", "10"}}), 2U);
  EXPECT_EQ(samples.integer("h_bucket", {{"le", "+Inf"}}), 2U);
}

TEST(ParsePrometheus, ReportsWhatIsNotInTheFormat) {
  for (const char* text :
       {"1a 1\n", "a\n", "a x\n", "a 1", "a{b=1} 1\n", "a{b=\"1\" 1\n", "a{b=\"\\x\"} 1\n",
        "a{b=\"1\",b=\"2\"} 1\n", "a 1 x\n", "a  1\n", "# TYPE a thing\n",
        "# TYPE a gauge\n# TYPE a gauge\n", "# HELP a x\n# HELP a x\n", "a 1\n# TYPE a gauge\n",
        "a 1\nb 1\na{x=\"1\"} 1\n", "a inf\n", "a 1 2 3\n"})
    EXPECT_THAT(parse_prometheus(text).problems, testing::Not(IsEmpty())) << text;
}

TEST(ParsePrometheus, ReportsDuplicates) {
  EXPECT_THAT(parse_prometheus("a{x=\"1\",y=\"2\"} 1\na{y=\"2\",x=\"1\"} 1\n").problems,
              ElementsAre(HasSubstr("duplicate series a{x=\"1\",y=\"2\",}")));
  EXPECT_THAT(parse_prometheus("h_bucket{le=\"1\"} 1\nh_bucket{le=\"1.0\"} 1\n").problems,
              ElementsAre(HasSubstr("duplicate series")));
}

TEST(ParseTruth, KeepsEveryDigit) {
  Samples samples = parse_truth(
      R"({"metrics":[{"name":"a","labels":{},"value":18446744073709551615},)"
      R"({"name":"b","labels":{"le":"0.00001","x":"y"},"value":123456789.123456789}]})");
  EXPECT_THAT(samples.problems, IsEmpty());
  EXPECT_EQ(samples.integer("a"), 18446744073709551615U);
  EXPECT_EQ(samples.find("b", {{"le", "0.00001"}, {"x", "y"}})->text, "123456789.123456789");
}

TEST(ParseTruth, ReportsBrokenJson) {
  EXPECT_THAT(parse_truth("{\"metrics\":[").problems, testing::Not(IsEmpty()));
}

TEST(Samples, SumsOverTheLabelsThatAreNotGiven) {
  Samples samples = parse_prometheus("a{x=\"1\",y=\"1\"} 1\na{x=\"1\",y=\"2\"} 2\na{x=\"2\"} 4\n");
  EXPECT_EQ(samples.sum("a"), 7);
  EXPECT_EQ(samples.sum("a", {{"x", "1"}}), 3);
  EXPECT_THROW(samples.number("a"), std::out_of_range);
}

TEST(ParsePrometheus, TellsBoundsOfManyDigitsApart) {
  const auto samples = test::parse_prometheus(
      "# TYPE m histogram\n"
      "m_bucket{le=\"5e-324\"} 1\nm_bucket{le=\"2.2250738585072014e-308\"} 1\n"
      "m_bucket{le=\"1.7976931348623157e+308\"} 1\nm_bucket{le=\"+Inf\"} 1\n"
      "m_sum 1\nm_count 1\n");
  EXPECT_TRUE(samples.problems.empty()) << samples.problems.front();
  EXPECT_EQ(test::normalised_bound("5e-324").size(), 326U);
}

}  // namespace
