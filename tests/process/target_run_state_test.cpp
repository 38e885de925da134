// What is told of a process that was stopped, and of one that belongs to somebody else.
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <string>

#include "support/child_process.h"
#include "target/process_metrics.h"

namespace {

using model::ProcessState;

bool is(const test::ChildProcess& child, ProcessState wanted) {
  for (const auto& flag : target::read_process_metrics("/proc", child.pid()).states) {
    if (flag.state == wanted) return flag.is_so;
  }
  return false;
}

TEST(StateOfAProcess, FollowsSignals) {
  const test::ChildProcess child("/bin/cat", {});
  EXPECT_TRUE(test::wait_until(test::soon(), [&] { return is(child, ProcessState::kRunning); }));
  child.signal(SIGSTOP);
  EXPECT_TRUE(test::wait_until(test::soon(), [&] { return is(child, ProcessState::kStopped); }));
  EXPECT_FALSE(is(child, ProcessState::kRunning));
  child.signal(SIGCONT);
  EXPECT_TRUE(test::wait_until(test::soon(), [&] { return is(child, ProcessState::kRunning); }));
  EXPECT_FALSE(is(child, ProcessState::kStopped));
}

TEST(DescriptorsOfAProcess, AreToldToWhoMayNotLookAtThem) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root can become somebody else";
  test::ChildProcess child("/bin/cat", {});
  // Once it answers it opens and closes nothing more: while it starts, two looks would differ.
  ASSERT_TRUE(child.write_line("started"));
  ASSERT_EQ(child.read_line(test::soon()), "started");
  const auto seen_by_root = target::read_process_metrics("/proc", child.pid()).open_fds;
  ASSERT_EQ(::seteuid(65534), 0);
  const auto seen_by_nobody = target::read_process_metrics("/proc", child.pid()).open_fds;
  ASSERT_EQ(::seteuid(0), 0);
  EXPECT_GT(seen_by_root, 0u);
  struct stat own {};
  const bool is_told = ::stat("/proc/self/fd", &own) == 0 && own.st_size > 0;  // since Linux 6.2
  EXPECT_EQ(seen_by_nobody, is_told ? seen_by_root : std::nullopt);
}

}  // namespace
