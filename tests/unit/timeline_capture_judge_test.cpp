// When the flight recorder fires, and when it doesn't.
#include "timeline/capture_judge.h"

#include <gtest/gtest.h>

namespace {

using model::GcEvent;
using model::TimelineEvent;

constexpr std::uint64_t kMs = 1'000'000;
constexpr std::uint64_t kLater = 1'000'000'000 * kMs;

timeline::CaptureJudge judge_of(const std::vector<std::string>& rules) {
  return timeline::CaptureJudge(timeline::parse_capture_rules(rules).value());
}

TimelineEvent pause(const std::string& process, std::uint64_t begun_ms, std::uint64_t ms) {
  GcEvent gc;
  gc.begun_ns = begun_ms * kMs;
  gc.ended_ns = (begun_ms + ms) * kMs;
  return {0, process, *gc.begun_ns, gc.ended_ns, gc};
}

TimelineEvent stall(std::uint64_t begun_ms, std::uint64_t ms) {
  return {0, "a", begun_ms * kMs, (begun_ms + ms) * kMs, model::StallEvent{"main", ms * kMs}};
}

TimelineEvent target(model::TargetEvent::What what) {
  return {0, "a", 5 * kMs, 5 * kMs, model::TargetEvent{what, 1}};
}

std::size_t fired(timeline::CaptureJudge& judge) {
  return judge.take_due(kLater).size();
}

TEST(CaptureJudge, FiresAboveALimitAndNotAtIt) {
  auto judge = judge_of({"gc_pause > 50ms", "loop_stall > 200ms"});
  judge.see(pause("a", 0, 50));
  judge.see(stall(0, 200));
  EXPECT_EQ(fired(judge), 0u);
  judge.see(pause("a", 100, 51));
  judge.see(stall(100, 201));
  const auto due = judge.take_due(kLater);
  ASSERT_EQ(due.size(), 2u);
  EXPECT_EQ(due[0].rule, 0u);
  EXPECT_EQ(due[0].process, "a");
  EXPECT_EQ(due[0].fired_ns, 151 * kMs);
  EXPECT_EQ(due[1].rule, 1u);
}

TEST(CaptureJudge, GivesWhatIsDueASecondLaterAndOnce) {
  auto judge = judge_of({"gc_pause > 50ms"});
  judge.see(pause("a", 0, 100));
  EXPECT_TRUE(judge.take_due(1'099 * kMs).empty());
  EXPECT_EQ(judge.take_due(1'100 * kMs).size(), 1u);
  EXPECT_TRUE(judge.take_due(1'100 * kMs).empty());
}

TEST(CaptureJudge, CoolsDownForEachRuleAndTarget) {
  auto judge = judge_of({"gc_pause > 50ms", "gc_pause > 500ms"});
  judge.see(pause("a", 0, 100));
  judge.see(pause("a", 1'000, 100));
  judge.see(pause("b", 2'000, 100));
  judge.see(pause("a", 3'000, 600));
  EXPECT_EQ(fired(judge), 3u);  // by "a", "b", and "a" of the other rule
  EXPECT_EQ(judge.suppressed(), (std::vector<std::uint64_t>{2, 0}));
  judge.see(pause("a", 29'999, 100));
  EXPECT_EQ(fired(judge), 0u);
  judge.see(pause("a", 30'000, 100));
  EXPECT_EQ(fired(judge), 1u);
}

TEST(CaptureJudge, FiresWhenATargetEnds) {
  auto judge = judge_of({"target_down"});
  judge.see(target(model::TargetEvent::What::kStarted));
  EXPECT_EQ(fired(judge), 0u);
  judge.see(target(model::TargetEvent::What::kEnded));
  EXPECT_EQ(fired(judge), 1u);
}

TEST(CaptureJudge, NobodyWaitsWhereTheWorldIsNotStopped) {
  auto judge = judge_of({"gc_pause > 50ms", "gc_pause_share > 10% for 1s"});
  TimelineEvent event = pause("a", 0, 900);
  std::get<GcEvent>(event.detail).world_stopped = false;
  judge.see(event);
  std::get<GcEvent>(event.detail).world_stopped = true;
  std::get<GcEvent>(event.detail).begun_ns.reset();
  judge.see(event);
  EXPECT_EQ(fired(judge), 0u);
}

TEST(CaptureJudge, FiresOnceWhenTheShareRises) {
  auto judge = judge_of({"gc_pause_share > 20% for 10s"});
  // 100 ms in each 500 ms: a fifth, and no more.
  std::uint64_t at_ms = 100'000;
  for (int i = 0; i < 100; ++i, at_ms += 500) judge.see(pause("a", at_ms, 100));
  EXPECT_EQ(fired(judge), 0u);
  // 300 ms in each: above it after two or three, and for long.
  for (int i = 0; i < 100; ++i, at_ms += 500) judge.see(pause("a", at_ms, 300));
  EXPECT_EQ(fired(judge), 1u);
  EXPECT_EQ(judge.suppressed()[0], 0u);
  // Down again, and up.
  for (int i = 0; i < 40; ++i, at_ms += 500) judge.see(pause("a", at_ms, 50));
  EXPECT_EQ(fired(judge), 0u);
  for (int i = 0; i < 40; ++i, at_ms += 500) judge.see(pause("a", at_ms, 300));
  EXPECT_EQ(fired(judge), 1u);
}

TEST(CaptureJudge, AQuietTimeIsAFallOfTheShare) {
  auto judge = judge_of({"gc_pause_share > 20% for 10s"});
  judge.see(pause("a", 100'000, 2'500));
  judge.see(pause("a", 200'000, 2'500));
  EXPECT_EQ(fired(judge), 2u);
}

TEST(CaptureJudge, CountsPausesOfTwoHeapsAtATimeOnce) {
  auto judge = judge_of({"gc_pause_share > 20% for 10s"});
  judge.see(pause("a", 100'000, 1'500));
  judge.see(pause("a", 100'001, 1'500));
  judge.see(pause("a", 100'001, 1'400));
  EXPECT_EQ(fired(judge), 0u);
  judge.see(pause("b", 100'000, 1'500));
  EXPECT_EQ(fired(judge), 0u);
  judge.see(pause("a", 102'000, 600));
  EXPECT_EQ(fired(judge), 1u);
}

TEST(CaptureJudge, CountsOfAPauseWhatLiesInTheWindow) {
  auto judge = judge_of({"gc_pause_share > 50% for 2s"});
  judge.see(pause("a", 100'000, 900));
  judge.see(pause("a", 102'800, 500));  // 0.1 + 0.5 s in the last two
  EXPECT_EQ(fired(judge), 0u);
  judge.see(pause("a", 103'300, 600));
  EXPECT_EQ(fired(judge), 1u);
}

}  // namespace
