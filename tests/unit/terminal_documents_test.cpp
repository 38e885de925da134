// What strangers' documents say.
#include <gmock/gmock.h>

#include <string>

#include "terminal/metrics_text.h"
#include "terminal/pauses.h"
#include "terminal/sample.h"

namespace {

using terminal::parse_metrics;
using terminal::PauseLog;
using testing::HasSubstr;

TEST(ParseMetrics, ReadsLabelsAndNumbers) {
  const auto all = parse_metrics(
      "# HELP x y\n\nplain 1\nvalkyria_up{process=\"a\\\"b\\\\c\\nd\",x=\"\"} 2.5e3 1700000000\n"
      "last{} +Inf");
  ASSERT_TRUE(all) << all.error().message;
  ASSERT_EQ(all->size(), 3u);
  EXPECT_EQ((*all)[0].value, 1);
  EXPECT_EQ((*all)[1].label("process"), "a\"b\\c\nd");
  EXPECT_EQ((*all)[1].label("y"), "");
  EXPECT_EQ((*all)[1].value, 2500);
}

TEST(ParseMetrics, NamesTheLineThatIsNoMetric) {
  for (const char* const line :
       {"<html>", "x", "x{", "x{a=\"b\"", "x{a=\"b} 1", "x{a=b} 1", "x{a=\"b\" c=\"d\"} 1", "x one",
        "x{=\"\"} 1", "x 1e", "{a=\"b\"} 1", "x{a=\"\\"}) {
    const auto all = parse_metrics("good 1\n" + std::string(line) + "\n");
    ASSERT_FALSE(all) << line;
    EXPECT_THAT(all.error().message, HasSubstr("line 2"));
  }
}

TEST(ParseMetrics, DoesNotRepeatEscapes) {
  const auto all = parse_metrics("\x1b[31m evil");
  ASSERT_FALSE(all);
  EXPECT_THAT(all.error().message, Not(HasSubstr("\x1b")));
}

TEST(ReadSample, RefusesAnotherProgramsPage) {
  const auto sample = terminal::read_sample("process_cpu_seconds_total 1\n", {});
  ASSERT_FALSE(sample);
  EXPECT_THAT(sample.error().message, HasSubstr("no valkyria_exporter's page"));
}

std::string document(const std::string& epoch, int next, const std::string& events) {
  return "{\"epoch\":\"" + epoch + "\",\"first\":1,\"next\":" + std::to_string(next) +
         ",\"lost\":0,\"events\":[" + events + "]}";
}

std::string gc(int sequence, const std::string& process = "") {
  return "{\"seq\":" + std::to_string(sequence) + ",\"process\":\"" + process +
         "\",\"kind\":\"gc\",\"unix_ms\":1000.5,\"pause_ms\":1.5,\"used_before\":null}";
}

TEST(PauseLog, TakesPausesAndAsksForWhatFollows) {
  PauseLog log;
  EXPECT_EQ(log.query(), "?limit=500");
  EXPECT_EQ(log.take(document("0a1b2c3d", 9, gc(3) + "," + gc(4))).value(), true);
  const std::string stall = R"({"seq":8,"process":"","kind":"stall","unix_ms":1})";
  EXPECT_EQ(log.take(document("0a1b2c3d", 9, gc(4) + "," + stall)).value(), false);
  ASSERT_EQ(log.pauses().size(), 2u);
  EXPECT_EQ(log.pauses()[0].sequence, 3u);
  EXPECT_EQ(log.pauses()[0].pause_ms, 1.5);
  EXPECT_EQ(log.pauses()[0].used_before, std::nullopt);
  EXPECT_EQ(log.pauses()[0].requests_hit, std::nullopt);
}

TEST(PauseLog, ReadsAnewWhatIsNotKnownYet) {
  PauseLog log;
  std::string hit = gc(1);
  hit.replace(hit.size() - 1, 1, ",\"requests_hit\":2}");
  ASSERT_TRUE(log.take(document("aaaaaaaa", 4, hit + "," + gc(2) + "," + gc(3))));
  EXPECT_EQ(log.query(), "?since=aaaaaaaa-1&limit=500");
  std::string known = gc(2);
  known.replace(known.size() - 1, 1, ",\"requests_hit\":7}");
  EXPECT_EQ(log.take(document("aaaaaaaa", 4, known + "," + gc(3))).value(), false);
  ASSERT_EQ(log.pauses().size(), 3u);
  EXPECT_EQ(log.pauses()[1].requests_hit, 7);
  EXPECT_EQ(log.query(), "?since=aaaaaaaa-2&limit=500");
  const std::string stall = R"({"seq":67,"process":"","kind":"stall","unix_ms":1})";
  ASSERT_TRUE(log.take(document("aaaaaaaa", 68, stall)));
  EXPECT_EQ(log.query(), "?since=aaaaaaaa-67&limit=500");  // too long ago
}

TEST(PauseLog, BeginsAnewWithAnotherExporter) {
  PauseLog log;
  ASSERT_TRUE(log.take(document("aaaaaaaa", 5, gc(4))));
  EXPECT_EQ(log.take(document("bbbbbbbb", 2, gc(1))).value(), false);
  ASSERT_EQ(log.pauses().size(), 1u);
  EXPECT_EQ(log.pauses()[0].sequence, 1u);
}

TEST(PauseLog, KeepsTheNewestOfEachProcess) {
  PauseLog log;
  std::string events = gc(1, "quiet");
  for (int i = 2; i < 400; ++i) events += "," + gc(i, "busy");
  ASSERT_TRUE(log.take(document("aaaaaaaa", 400, events)));
  EXPECT_EQ(log.pauses().size(), 101u);
  EXPECT_EQ(log.pauses().front().process, "quiet");
  EXPECT_EQ(log.pauses().back().sequence, 399u);
}

TEST(PauseLog, RefusesWhatIsNoSuchDocumentAndKeepsWhatItKnew) {
  PauseLog log;
  ASSERT_TRUE(log.take(document("aaaaaaaa", 5, gc(4))));
  for (const std::string& bad :
       {std::string(), std::string("{"), std::string("[]"), std::string("null"),
        std::string(R"({"epoch":1,"next":2,"events":[]})"), document("", 1, ""),
        document("a&b", 1, ""), std::string(R"({"epoch":"ab","next":-1,"events":[]})"),
        std::string(R"({"epoch":"ab","next":1,"events":{}})"),
        document("aaaaaaaa", 9, R"({"kind":"gc"})"), document("aaaaaaaa", 9, "7"),
        std::string(100'000, '[')}) {
    EXPECT_FALSE(log.take(bad)) << bad.substr(0, 60);
    EXPECT_EQ(log.pauses().size(), 1u);
  }
}

TEST(PauseLog, NeverAsksOnForNothing) {
  PauseLog log;
  EXPECT_EQ(log.take(document("aaaaaaaa", 1'000, "")).value(), false);
}

}  // namespace
