// SPDX-License-Identifier: BSD-2-Clause
#include <gtest/gtest.h>

#include <csignal>
#include <system_error>

#include "support/child_process.h"

namespace {

using test::ChildProcess;
using test::ExitStatus;

ChildProcess shell(const std::string& script) {
  return ChildProcess("/bin/sh", {"-c", script}, test::Stderr::kCaptured);
}

TEST(ChildProcess, ReadsLinesAndKeepsTheRest) {
  auto child = shell("printf 'one\\ntwo\\npart'");
  EXPECT_EQ(child.read_line(test::soon()), "one");
  EXPECT_EQ(child.read_line(test::soon()), "two");
  EXPECT_EQ(child.read_line(test::soon()), std::nullopt);
}

TEST(ChildProcess, WritesLinesToStdin) {
  auto child = shell("read a; echo got $a");
  EXPECT_TRUE(child.write_line("this"));
  EXPECT_EQ(child.read_line(test::soon()), "got this");
}

TEST(ChildProcess, TellsExitCodesAndSignals) {
  EXPECT_EQ(shell("exit 3").wait(test::soon()), (ExitStatus{false, 3}));
  EXPECT_EQ(shell("kill -9 $$").wait(test::soon()), (ExitStatus{true, SIGKILL}));
}

TEST(ChildProcess, GivesUpAtTheDeadline) {
  auto child = shell("read a");
  EXPECT_EQ(child.read_line(test::in(std::chrono::milliseconds(20))), std::nullopt);
  EXPECT_EQ(child.wait(test::in(std::chrono::milliseconds(20))), std::nullopt);
}

TEST(ChildProcess, CapturesMoreStderrThanAPipeHolds) {
  auto child = shell("head -c 300000 /dev/zero >&2");
  EXPECT_EQ(child.wait(test::soon()), (ExitStatus{false, 0}));
  EXPECT_EQ(child.stderr_text().size(), 300000U);
}

TEST(ChildProcess, EndsWithItsObject) {
  pid_t pid = 0;
  {
    auto child = shell("read a");
    pid = child.pid();
    EXPECT_EQ(kill(pid, 0), 0);
  }
  EXPECT_EQ(kill(pid, 0), -1);
}

TEST(ChildProcess, ThrowsForAProgramThatIsNotThere) {
  EXPECT_THROW(ChildProcess("/nonexistent/program", {}), std::system_error);
}

}  // namespace
