// How doctor judges the process itself.
#include <gtest/gtest.h>

#include "inspect/process_checks.h"

namespace {

using model::CheckStatus;
using model::ProcessState;

TEST(JudgeSeccomp, IsNeverAnObstacle) {
  EXPECT_EQ(inspect::judge_seccomp(false).status, CheckStatus::kOk);
  EXPECT_EQ(inspect::judge_seccomp(true).status, CheckStatus::kNote);
}

TEST(JudgeRunState, SaysHowToLetAStoppedProcessGoOn) {
  const auto check = inspect::judge_run_state(4711, ProcessState::kStopped);
  EXPECT_EQ(check.status, CheckStatus::kNote);
  EXPECT_NE(check.detail.find("SIGSTOP"), std::string::npos);
  EXPECT_NE(check.fix.find("kill -CONT 4711"), std::string::npos);
}

TEST(JudgeRunState, SaysHowToThawAFrozenProcess) {
  const auto check = inspect::judge_run_state(4711, ProcessState::kFrozen);
  EXPECT_EQ(check.status, CheckStatus::kNote);
  EXPECT_NE(check.detail.find("frozen"), std::string::npos);
  EXPECT_NE(check.fix.find("thaw"), std::string::npos);
  EXPECT_EQ(check.fix.find("kill"), std::string::npos);
}

TEST(JudgeRunState, FindsNothingWrongWithOneThatRunsAndAdmitsWhatItDoesNotKnow) {
  EXPECT_EQ(inspect::judge_run_state(1, ProcessState::kRunning).status, CheckStatus::kOk);
  const auto unknown = inspect::judge_run_state(1, std::nullopt);
  EXPECT_EQ(unknown.status, CheckStatus::kNote);
  EXPECT_NE(unknown.detail.find("can't be told"), std::string::npos);
}

TEST(JudgeLoader, SaysHowAProgramThatALoaderRunsIsSelected) {
  const auto check = inspect::judge_loader("/lib64/ld.so", "ld.so", "/srv/valk");
  EXPECT_EQ(check.status, CheckStatus::kNote);
  EXPECT_NE(check.detail.find("/lib64/ld.so"), std::string::npos);
  EXPECT_NE(check.detail.find("/srv/valk"), std::string::npos);
  EXPECT_NE(check.fix.find("--name ld.so"), std::string::npos);
}

TEST(JudgeLoader, FailsWhereNothingThatItLoadedIsRecognised) {
  const auto check = inspect::judge_loader("/lib64/ld.so", "ld.so", "");
  EXPECT_EQ(check.status, CheckStatus::kFail);
  EXPECT_NE(check.fix.find("CAP_SYS_ADMIN"), std::string::npos);
}

TEST(JudgeUnseen, TellsWhoIsGoneFromWhomWeMayNotSee) {
  const auto gone = inspect::judge_unseen({"no process with pid 7", base::Cause::kGone});
  EXPECT_EQ(gone.status, CheckStatus::kFail);
  EXPECT_NE(gone.fix.find("pid of a running process"), std::string::npos);
  const auto denied = inspect::judge_unseen({"Permission denied", base::Cause::kDenied});
  EXPECT_EQ(denied.status, CheckStatus::kFail);
  EXPECT_NE(denied.fix.find("CAP_SYS_PTRACE"), std::string::npos);
  EXPECT_EQ(inspect::judge_unseen({"x"}).status, CheckStatus::kFail);
}

TEST(JudgeUnread, SaysWhatIsMissing) {
  EXPECT_NE(inspect::judge_unread({"open", base::Cause::kDenied}).fix.find("CAP_DAC_READ_SEARCH"),
            std::string::npos);
  EXPECT_NE(inspect::judge_unread({"not an ELF file"}).fix.find("the runtime itself"),
            std::string::npos);
}

}  // namespace
