// How doctor judges what it found, also what this machine can't be brought to show.
#include <gtest/gtest.h>

#include "inspect/doctor_checks.h"
#include "inspect_support.h"

namespace {

using inspect::Trial;
using inspect_support::find;
using model::CheckStatus;

probe::KernelFacts good_kernel() {
  probe::KernelFacts facts;
  facts.release = "6.18.44";
  facts.machine = "x86_64";
  facts.ring_buffer = true;
  facts.btf = true;
  facts.lockdown = "none";
  facts.perf_event_paranoid = 2;
  return facts;
}

CheckStatus status_of(const probe::KernelFacts& facts, const std::string& name) {
  return find(inspect::judge_kernel(facts), name).status;
}

TEST(JudgePrivileges, NamesWhatIsMissing) {
  const auto good = inspect::judge_privileges("", "");
  ASSERT_EQ(good.size(), 1u);
  EXPECT_EQ(good[0].status, CheckStatus::kOk);
  const auto check = find(inspect::judge_privileges("CAP_BPF", ""), "privileges");
  EXPECT_EQ(check.status, CheckStatus::kFail);
  EXPECT_NE(check.detail.find("CAP_BPF"), std::string::npos);
  EXPECT_NE(check.fix.find("root"), std::string::npos);
}

TEST(JudgePrivileges, NotesWhatIsAbsentForWantOfOthers) {
  const auto check = find(
      inspect::judge_privileges("", "without CAP_DAC_READ_SEARCH some are not watched"), "unseen");
  EXPECT_EQ(check.status, CheckStatus::kNote);
  EXPECT_NE(check.detail.find("some are not watched"), std::string::npos);
}

TEST(JudgeKernel, FindsNothingWrongWithAGoodOne) {
  for (const auto& check : inspect::judge_kernel(good_kernel())) {
    EXPECT_EQ(check.status, CheckStatus::kOk) << check.name << ": " << check.detail;
    EXPECT_EQ(check.fix, "");
  }
}

TEST(JudgeKernel, FailsOnAnotherMachineAndNotesAnOldKernel) {
  auto facts = good_kernel();
  facts.machine = "aarch64";
  EXPECT_EQ(status_of(facts, "kernel"), CheckStatus::kFail);
  facts = good_kernel();
  facts.release = "5.10.0-30-amd64";
  EXPECT_EQ(status_of(facts, "kernel"), CheckStatus::kNote);
}

TEST(JudgeKernel, FailsWithTheFixOfTheFault) {
  auto facts = good_kernel();
  facts.bpf_fault = probe::KernelFault{"no bpf", "get one"};
  facts.uprobe_fault = probe::KernelFault{"no uprobes", "CONFIG_UPROBE_EVENTS"};
  facts.ring_buffer.reset();
  EXPECT_EQ(status_of(facts, "bpf"), CheckStatus::kFail);
  EXPECT_EQ(find(inspect::judge_kernel(facts), "bpf").fix, "get one");
  EXPECT_EQ(status_of(facts, "uprobes"), CheckStatus::kFail);
  EXPECT_EQ(status_of(facts, "ring_buffer"), CheckStatus::kNote);
}

TEST(JudgeKernel, OnlyNotesWhatIsNoObstacleByItself) {
  auto facts = good_kernel();
  facts.btf = false;
  facts.ring_buffer = false;
  facts.lockdown = "confidentiality";
  facts.perf_event_paranoid.reset();
  for (const char* name : {"btf", "ring_buffer", "lockdown", "perf_event_paranoid"}) {
    EXPECT_EQ(status_of(facts, name), CheckStatus::kNote) << name;
  }
  facts.perf_event_paranoid = 4;
  EXPECT_EQ(status_of(facts, "perf_event_paranoid"), CheckStatus::kNote);
  facts.lockdown = "integrity";
  EXPECT_EQ(status_of(facts, "lockdown"), CheckStatus::kOk);
  facts.lockdown.reset();
  EXPECT_EQ(status_of(facts, "lockdown"), CheckStatus::kOk);
}

TEST(JudgeKernel, SaysHowProbesAreAttached) {
  auto facts = good_kernel();
  EXPECT_NE(find(inspect::judge_kernel(facts), "attach_method").detail.find("uprobe_multi:"),
            std::string::npos);
  facts.release = "6.1.0";
  EXPECT_TRUE(
      find(inspect::judge_kernel(facts), "attach_method").detail.starts_with("perf events"));
}

Trial good_trial() {
  Trial trial{probe::AttachMethod::kUprobeMulti, std::size_t{1}, {}};
  trial.semaphores.push_back({"gc__end", true, 0, 1, 0});
  trial.semaphores.push_back({"loop__stall", false, 0, 0, 0});
  return trial;
}

TEST(JudgeTrial, FindsNothingWrongWithSemaphoresThatGoUpAndDown) {
  const auto checks = inspect::judge_trial(good_trial());
  EXPECT_EQ(checks.size(), 5u);
  for (const auto& check : checks) EXPECT_EQ(check.status, CheckStatus::kOk) << check.detail;
}

TEST(JudgeTrial, NotesSemaphoresThatSomebodyElseHadRaised) {
  Trial trial = good_trial();
  trial.semaphores[0] = {"gc__end", true, 1, 1, 1};
  const auto checks = inspect::judge_trial(trial);
  EXPECT_EQ(find(checks, "other_watchers").status, CheckStatus::kNote);
  EXPECT_NE(find(checks, "other_watchers").detail.find("gc__end"), std::string::npos);
  EXPECT_EQ(find(checks, "semaphores").status, CheckStatus::kOk);
  EXPECT_EQ(find(checks, "detach").status, CheckStatus::kOk);
}

TEST(JudgeTrial, FailsWhenASemaphoreStaysDownOrCannotBeRead) {
  Trial trial = good_trial();
  trial.semaphores[0].during = 0;
  EXPECT_EQ(find(inspect::judge_trial(trial), "semaphores").status, CheckStatus::kFail);
  trial.semaphores[0].during = base::fail("Operation not permitted");
  const auto check = find(inspect::judge_trial(trial), "semaphores");
  EXPECT_EQ(check.status, CheckStatus::kFail);
  EXPECT_NE(check.detail.find("Operation not permitted"), std::string::npos);
}

TEST(JudgeTrial, NotesASemaphoreThatIsHigherThanBefore) {
  Trial trial = good_trial();
  trial.semaphores[0].after = 1;
  EXPECT_EQ(find(inspect::judge_trial(trial), "detach").status, CheckStatus::kNote);
}

TEST(JudgeTrial, FailsWhenNothingCouldBeAttached) {
  Trial trial = good_trial();
  trial.probes = base::fail("attach gc__end: Operation not permitted");
  auto check = find(inspect::judge_trial(trial), "attach");
  EXPECT_EQ(check.status, CheckStatus::kFail);
  EXPECT_NE(check.fix, "");
  trial.probes = std::size_t{0};
  check = find(inspect::judge_trial(trial), "attach");
  EXPECT_EQ(check.status, CheckStatus::kFail);
}

TEST(JudgeTrial, FailsWhereNoBreakpointStandsInTheCode) {
  EXPECT_EQ(find(inspect::judge_trial(good_trial()), "breakpoints").status, CheckStatus::kOk);
  Trial trial = good_trial();
  trial.unplanted = {"gc__begin", "gc__end"};
  auto check = find(inspect::judge_trial(trial), "breakpoints");
  EXPECT_EQ(check.status, CheckStatus::kFail);
  EXPECT_NE(check.detail.find("gc__begin, gc__end"), std::string::npos);
  EXPECT_NE(check.detail.find("huge pages"), std::string::npos);
  EXPECT_NE(check.fix, "");
  trial.semaphores.clear();  // of functions, say
  EXPECT_EQ(find(inspect::judge_trial(trial), "breakpoints").status, CheckStatus::kFail);
}

TEST(JudgeTrial, SaysNothingOfBreakpointsWhereNothingWasAttached) {
  Trial trial = good_trial();
  trial.probes = base::fail("attach gc__end: Operation not permitted");
  EXPECT_FALSE(inspect_support::has(inspect::judge_trial(trial), "breakpoints"));
}

TEST(JudgeHitCost, IsToldWhereItIsKnown) {
  EXPECT_TRUE(inspect::judge_hit_cost(std::nullopt).empty());
  const auto checks = inspect::judge_hit_cost(1640);
  ASSERT_EQ(checks.size(), 1u);
  EXPECT_EQ(checks[0].status, CheckStatus::kOk);
  EXPECT_EQ(checks[0].detail, "a hit costs 1.6 us of CPU on this machine (calibrated)");
}

}  // namespace
