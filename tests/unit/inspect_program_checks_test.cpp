// How doctor judges the program that a process runs, and that its advice fits the runtime.
#include <gtest/gtest.h>

#include <algorithm>

#include "inspect/program_checks.h"
#include "inspect_support.h"
#include "probe/contract.h"

namespace {

using inspect::RuntimeFacts;
using inspect_support::find;
using inspect_support::has;
using model::CheckStatus;

bool says(const std::string& text, const std::string& words) {
  return text.find(words) != std::string::npos;
}

RuntimeFacts december() {
  RuntimeFacts facts;
  facts.runtime = "valkyria_2025_12";
  facts.mark = "g_valk_metrics";
  facts.build_id = "abcdef";
  return facts;
}

RuntimeFacts february() {
  RuntimeFacts facts;
  facts.runtime = "valkyria_2026_02";
  facts.mark = "valk_sys";
  return facts;
}

RuntimeFacts without_metrics() {
  RuntimeFacts facts;
  facts.without_metrics = true;
  return facts;
}

model::Check judge_without_layout(const std::string& problem, const RuntimeFacts& facts) {
  return find(inspect::judge_state({"", "", 0, {}, problem}, facts), "state");
}

TEST(JudgeProvider, CountsTheSites) {
  const auto check = inspect::judge_provider(27, february());
  EXPECT_EQ(check.status, CheckStatus::kOk);
  EXPECT_TRUE(says(check.detail, "27"));
}

TEST(JudgeProvider, NamesTheRuntimeThatHasNoProbes) {
  const auto check = inspect::judge_provider(0, december());
  EXPECT_EQ(check.status, CheckStatus::kNote);
  EXPECT_TRUE(says(check.detail, "g_valk_metrics of valkyria_2025_12"));
  EXPECT_TRUE(says(check.fix, "docs/instrumenting.md"));
}

TEST(JudgeProvider, NamesADecemberBuildWithoutMetrics) {
  const auto check = inspect::judge_provider(0, without_metrics());
  EXPECT_EQ(check.status, CheckStatus::kFail);
  EXPECT_TRUE(says(check.detail, "December 2025"));
  EXPECT_TRUE(says(check.detail, "without VALK_METRICS"));
  EXPECT_TRUE(says(check.fix, "-DVALK_METRICS=1"));
}

TEST(JudgeProvider, FailsForWhatIsNoRuntime) {
  const auto check = inspect::judge_provider(0, {});
  EXPECT_EQ(check.status, CheckStatus::kFail);
  EXPECT_TRUE(says(check.fix, ".note.stapsdt"));
  EXPECT_FALSE(says(check.detail, "VALK_METRICS"));
}

TEST(JudgeSites, FailsOnceForEachProbeThatBreaksTheContract) {
  probe::SiteCheck check;
  for (int i = 0; i < 1000; ++i) check.refused.push_back({"gc__end", "a 5-byte nop"});
  check.refused.push_back({"gc__begin", "no semaphore"});
  const auto checks = inspect::judge_sites(check, {});
  const auto failures = std::count_if(checks.begin(), checks.end(), [](const auto& each) {
    return each.status == CheckStatus::kFail;
  });
  EXPECT_EQ(failures, 2);
  EXPECT_EQ(find(checks, "site gc__end").detail, "a 5-byte nop");
  EXPECT_EQ(find(checks, "absent_probes").detail.find("gc__end"), std::string::npos);
  EXPECT_NE(find(checks, "absent_probes").detail.find("overload"), std::string::npos);
}

TEST(JudgeSites, AdvisesToAddOnlyProbesThatTheRuntimeCanHave) {
  const auto of_december = inspect::judge_sites({}, december());
  EXPECT_TRUE(says(find(of_december, "absent_probes").detail, "client__cache"));
  EXPECT_TRUE(says(find(of_december, "absent_probes").fix, "docs/instrumenting.md"));
  EXPECT_FALSE(has(of_december, "no_such_probes"));
  const auto of_february = inspect::judge_sites({}, february());
  EXPECT_FALSE(says(find(of_february, "absent_probes").detail, "client__cache"));
  const auto impossible = find(of_february, "no_such_probes");
  EXPECT_EQ(impossible.status, CheckStatus::kNote);
  EXPECT_TRUE(says(impossible.detail, "client__cache"));
  EXPECT_EQ(impossible.fix, "");
}

TEST(JudgeSites, SaysWhichProbesABuildWithoutMetricsCannotHave) {
  const auto checks = inspect::judge_sites({}, without_metrics());
  const auto impossible = find(checks, "no_such_probes");
  EXPECT_TRUE(says(impossible.detail, "request__end, client__operation, client__cache"));
  EXPECT_TRUE(says(impossible.fix, "-DVALK_METRICS=1"));
  EXPECT_TRUE(says(find(checks, "absent_probes").detail, "connection__state"));
}

// Nobody misses what nobody counts.
TEST(JudgeSites, SaysNothingOfProbesThatNoGroupCounts) {
  const auto checks = inspect::judge_sites({}, {});
  for (const probe::ProbeSpec& spec : probe::contract()) {
    EXPECT_EQ(says(find(checks, "absent_probes").detail, std::string(spec.name)),
              spec.group.has_value())
        << spec.name;
  }
}

TEST(JudgeSites, SaysNothingOfAbsentOnesWhereAllAreThere) {
  probe::SiteCheck check;
  for (const probe::ProbeSpec& spec : probe::contract()) {
    check.refused.push_back({std::string(spec.name), "a 5-byte nop"});
  }
  const auto checks = inspect::judge_sites(check, {});
  EXPECT_FALSE(has(checks, "absent_probes"));
  EXPECT_FALSE(has(checks, "no_such_probes"));
}

TEST(JudgeFunctions, NamesThoseThatAreProbedAndThoseThatAreNot) {
  const auto all = probe::function_probes();
  probe::FunctionCheck check;
  check.good.push_back({&all[0], 0, 0});
  check.good.push_back({&all[1], 0, 0});
  check.refused.push_back({&all[2], "this build has no such function"});
  const auto checks = inspect::judge_functions(check);
  EXPECT_EQ(find(checks, "functions").detail, "probed instead: valk_gc_malloc_collect");
  const auto refused = find(checks, name_of(all[2]));
  EXPECT_EQ(refused.status, CheckStatus::kNote);
  EXPECT_TRUE(says(refused.detail, "no such function"));
}

TEST(JudgeState, SaysWhereTheLayoutCameFromAndWhatItLacks) {
  const auto checks =
      inspect::judge_state({"minivalk", "the cache", 75, {"runtime.gc.cycles_total"}, ""}, {});
  EXPECT_EQ(find(checks, "state").status, CheckStatus::kOk);
  EXPECT_NE(find(checks, "state").detail.find("the cache"), std::string::npos);
  EXPECT_EQ(find(checks, "state_missing").status, CheckStatus::kNote);
  EXPECT_NE(find(checks, "state_missing").detail.find("cycles_total"), std::string::npos);
}

TEST(JudgeState, FailsForAStrippedBinaryWithBothWaysOut) {
  RuntimeFacts facts = december();
  facts.stripped = true;
  const auto check = judge_without_layout("valk has no debug information", facts);
  EXPECT_EQ(check.status, CheckStatus::kFail);
  EXPECT_NE(check.fix.find("/usr/lib/debug/.build-id/ab/cdef.debug"), std::string::npos);
  EXPECT_NE(check.fix.find("--layout"), std::string::npos);
}

TEST(JudgeState, OnlyNotesAProgramThatIsNoRuntime) {
  const auto check = judge_without_layout("it is no runtime", {});
  EXPECT_EQ(check.status, CheckStatus::kNote);
}

TEST(JudgeState, SaysWhatToDoForARuntimeWhoseDebugInformationIsOfNoUse) {
  const auto check = judge_without_layout("it is split", december());
  EXPECT_EQ(check.status, CheckStatus::kNote);
  EXPECT_NE(check.fix.find("--layout"), std::string::npos);
}

TEST(JudgeState, FailsWhenTheMemoryCannotBeRead) {
  const auto check = find(
      inspect::judge_state({"minivalk", "the cache", 75, {}, "a part is not mapped"}, {}), "state");
  EXPECT_EQ(check.status, CheckStatus::kFail);
  EXPECT_NE(check.fix, "");
}

TEST(JudgeState, SaysWhereADebugFileWasLookedForThatIsNotThere) {
  RuntimeFacts facts = december();
  facts.debug_link = "valk.debug";
  const auto check = judge_without_layout("valk has no debug information", facts);
  EXPECT_EQ(check.status, CheckStatus::kFail);
  EXPECT_TRUE(says(check.detail, "it was moved to a file valk.debug (build id abcdef)"));
  EXPECT_TRUE(says(check.fix, "/usr/lib/debug/.build-id/ab/cdef.debug"));
  EXPECT_TRUE(says(check.fix, "--debug-dir"));
  facts.finds_debug_file = true;  // and something else is wrong with it
  EXPECT_TRUE(says(judge_without_layout("it is split", facts).detail, "it is split"));
}

TEST(JudgeState, NamesADecemberBuildWithoutMetrics) {
  const auto check = judge_without_layout("it is no runtime", without_metrics());
  EXPECT_EQ(check.status, CheckStatus::kNote);
  EXPECT_TRUE(says(check.detail, "without VALK_METRICS"));
  EXPECT_TRUE(says(check.fix, "-DVALK_METRICS=1"));
}

TEST(JudgeState, AsksForABuildIdWhereThereIsNone) {
  RuntimeFacts facts = december();
  facts.stripped = true;
  facts.build_id = "";
  const auto check = judge_without_layout("valk has no debug information", facts);
  EXPECT_EQ(check.status, CheckStatus::kFail);
  EXPECT_TRUE(says(check.fix, "--build-id"));
}

}  // namespace
