// Rules of the flight recorder, good ones and others.
#include "timeline/capture_rule.h"

#include <gtest/gtest.h>

namespace {

using Kind = timeline::CaptureRule::Kind;
using timeline::parse_capture_rule;
using timeline::parse_capture_rules;

constexpr std::uint64_t kMs = 1'000'000;

TEST(CaptureRule, HasALimitWithItsUnit) {
  const auto pause = parse_capture_rule("gc_pause > 50ms");
  ASSERT_TRUE(pause) << pause.error().message;
  EXPECT_EQ(pause->kind, Kind::kGcPause);
  EXPECT_EQ(pause->limit_ns, 50 * kMs);
  EXPECT_EQ(pause->text, "gc_pause > 50ms");
  const auto stall = parse_capture_rule("  loop_stall>0.2 s ");
  ASSERT_TRUE(stall) << stall.error().message;
  EXPECT_EQ(stall->kind, Kind::kLoopStall);
  EXPECT_EQ(stall->limit_ns, 200 * kMs);
  EXPECT_EQ(stall->text, "loop_stall > 200ms");
}

TEST(CaptureRule, OfASharehasAWindow) {
  const auto rule = parse_capture_rule("gc_pause_share > 20% for 10s");
  ASSERT_TRUE(rule) << rule.error().message;
  EXPECT_EQ(rule->kind, Kind::kGcPauseShare);
  EXPECT_DOUBLE_EQ(rule->share, 0.2);
  EXPECT_EQ(rule->window_ns, 10'000 * kMs);
  EXPECT_EQ(rule->text, "gc_pause_share > 20% for 10s");
  EXPECT_EQ(parse_capture_rule("gc_pause_share>2.5%for 1500ms")->text,
            "gc_pause_share > 2.5% for 1.5s");
}

TEST(CaptureRule, MayBeAWordAlone) {
  const auto rule = parse_capture_rule("target_down");
  ASSERT_TRUE(rule);
  EXPECT_EQ(rule->kind, Kind::kTargetDown);
  EXPECT_EQ(rule->text, "target_down");
}

struct Unreadable {
  const char* text;
  const char* message;  // behind the rule itself
};

TEST(CaptureRule, ThatCanNotBeReadSaysWhere) {
  const Unreadable cases[] = {
      {"", "at character 1: use gc_pause, loop_stall, gc_pause_share or target_down"},
      {" gc_paus > 5ms", "at character 2: use gc_pause, loop_stall, gc_pause_share or target_down"},
      {"gc_pause", "at character 9: \">\" is missing"},
      {"gc_pause < 5ms", "at character 10: \">\" is missing"},
      {"gc_pause >", "at character 11: a number is missing"},
      {"gc_pause > ms", "at character 12: a number is missing"},
      {"gc_pause > -5ms", "at character 12: a number is missing"},
      {"gc_pause > 5.0.1ms", "at character 12: \"5.0.1\" is no number"},
      {"gc_pause > 50", "at character 12: a unit is missing: ms or s"},
      {"gc_pause > 50 min", "at character 15: \"min\" is no unit: use ms or s"},
      {"gc_pause > 0ms", "at character 12: use 1ms to 600s"},
      {"gc_pause > 601s", "at character 12: use 1ms to 600s"},
      {"gc_pause > 5ms for 3s", "at character 16: nothing may follow here"},
      {"target_down now", "at character 13: nothing may follow here"},
      {"gc_pause_share > 20 for 10s", "at character 18: \"%\" is missing"},
      {"gc_pause_share > 100% for 10s", "at character 18: use 0.1% to 99%"},
      {"gc_pause_share > 0% for 10s", "at character 18: use 0.1% to 99%"},
      {"gc_pause_share > 20%", "at character 21: \"for\" and a time are missing, as in for 10s"},
      {"gc_pause_share > 20% to 10s",
       "at character 22: \"for\" and a time are missing, as in for 10s"},
      {"gc_pause_share > 20% for 10", "at character 26: a unit is missing: ms or s"},
      {"gc_pause_share > 20% for 61s", "at character 26: use 1000ms to 60s"},
  };
  for (const Unreadable& one : cases) {
    const auto rule = parse_capture_rule(one.text);
    ASSERT_FALSE(rule) << one.text;
    EXPECT_EQ(rule.error().message, "rule \"" + std::string(one.text) + "\": " + one.message);
  }
  EXPECT_FALSE(parse_capture_rule(std::string(10'000, ' ')));
}

TEST(CaptureRules, AreNotTheSameAndNotTooMany) {
  EXPECT_EQ(parse_capture_rules({"target_down", "gc_pause > 1s"})->size(), 2u);
  EXPECT_EQ(parse_capture_rules({"gc_pause > 1s", "gc_pause>1000ms"}).error().message,
            "rule \"gc_pause > 1000ms\": stands there twice");
  std::vector<std::string> many;
  for (int i = 1; i <= 17; ++i) many.push_back("gc_pause > " + std::to_string(i) + "ms");
  EXPECT_FALSE(parse_capture_rules(many));
}

}  // namespace
