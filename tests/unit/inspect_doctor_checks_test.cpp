// How doctor judges what it found, also what this machine can't be brought to show.
#include <gtest/gtest.h>

#include <algorithm>

#include "inspect/doctor_checks.h"

namespace {

using inspect::Trial;
using model::CheckStatus;

model::Check find(const std::vector<model::Check>& checks, const std::string& name) {
  const auto found = std::find_if(checks.begin(), checks.end(),
                                  [&](const model::Check& check) { return check.name == name; });
  return found == checks.end() ? inspect::failed("missing", name, "") : *found;
}

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
  EXPECT_EQ(inspect::judge_privileges("").status, CheckStatus::kOk);
  const auto check = inspect::judge_privileges("CAP_BPF");
  EXPECT_EQ(check.status, CheckStatus::kFail);
  EXPECT_NE(check.detail.find("CAP_BPF"), std::string::npos);
  EXPECT_NE(check.fix.find("root"), std::string::npos);
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

TEST(JudgeSeccomp, IsNeverAnObstacle) {
  EXPECT_EQ(inspect::judge_seccomp(false).status, CheckStatus::kOk);
  EXPECT_EQ(inspect::judge_seccomp(true).status, CheckStatus::kNote);
}

TEST(JudgeSites, FailsOnceForEachProbeThatBreaksTheContract) {
  probe::SiteCheck check;
  for (int i = 0; i < 1000; ++i) check.refused.push_back({"gc__end", "a 5-byte nop"});
  check.refused.push_back({"gc__begin", "no semaphore"});
  const auto checks = inspect::judge_sites(check);
  const auto failures = std::count_if(checks.begin(), checks.end(), [](const auto& each) {
    return each.status == CheckStatus::kFail;
  });
  EXPECT_EQ(failures, 2);
  EXPECT_EQ(find(checks, "site gc__end").detail, "a 5-byte nop");
  EXPECT_EQ(find(checks, "absent_probes").detail.find("gc__end"), std::string::npos);
  EXPECT_NE(find(checks, "absent_probes").detail.find("overload"), std::string::npos);
}

Trial good_trial() {
  Trial trial{probe::AttachMethod::kUprobeMulti, std::size_t{1}, {}};
  trial.semaphores.push_back({"gc__end", true, 0, 1, 0});
  trial.semaphores.push_back({"loop__stall", false, 0, 0, 0});
  return trial;
}

TEST(JudgeTrial, FindsNothingWrongWithSemaphoresThatGoUpAndDown) {
  const auto checks = inspect::judge_trial(good_trial());
  EXPECT_EQ(checks.size(), 4u);
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

TEST(JudgeState, SaysWhereTheLayoutCameFromAndWhatItLacks) {
  const auto checks =
      inspect::judge_state({"minivalk", "the cache", 75, {"runtime.gc.cycles_total"}, "", false});
  EXPECT_EQ(find(checks, "state").status, CheckStatus::kOk);
  EXPECT_NE(find(checks, "state").detail.find("the cache"), std::string::npos);
  EXPECT_EQ(find(checks, "state_missing").status, CheckStatus::kNote);
  EXPECT_NE(find(checks, "state_missing").detail.find("cycles_total"), std::string::npos);
}

TEST(JudgeState, FailsForAStrippedBinaryWithBothWaysOut) {
  const auto check =
      find(inspect::judge_state({"", "", 0, {}, "valk has no debug information", true}), "state");
  EXPECT_EQ(check.status, CheckStatus::kFail);
  EXPECT_NE(check.fix.find(".build-id"), std::string::npos);
  EXPECT_NE(check.fix.find("--layout"), std::string::npos);
}

TEST(JudgeState, OnlyNotesAProgramThatIsNoRuntime) {
  const auto check =
      find(inspect::judge_state({"", "", 0, {}, "it is no runtime", false}), "state");
  EXPECT_EQ(check.status, CheckStatus::kNote);
}

TEST(JudgeState, SaysWhatToDoForARuntimeWhoseDebugInformationIsOfNoUse) {
  const auto check = find(
      inspect::judge_state({"", "", 0, {}, "it is split", false, "minivalk_runtime"}), "state");
  EXPECT_EQ(check.status, CheckStatus::kNote);
  EXPECT_NE(check.fix.find("--layout"), std::string::npos);
}

TEST(JudgeState, FailsWhenTheMemoryCannotBeRead) {
  const auto check =
      find(inspect::judge_state({"minivalk", "the cache", 75, {}, "a part is not mapped", false}),
           "state");
  EXPECT_EQ(check.status, CheckStatus::kFail);
  EXPECT_NE(check.fix, "");
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

}  // namespace
