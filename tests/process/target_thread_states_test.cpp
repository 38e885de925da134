// What the threads of real processes do.
#include "target/thread_states.h"

#include <gtest/gtest.h>
#include <sys/epoll.h>
#include <unistd.h>

#include <algorithm>
#include <thread>

#include "base/unique_fd.h"
#include "support/child_process.h"
#include "support/deadline.h"

namespace {

using target::ThreadState;

// The only thread of a child comes to this state.
testing::AssertionResult comes_to(const test::ChildProcess& child, ThreadState state) {
  const bool came = test::wait_until(test::soon(), [&] {
    const auto states = target::read_thread_states("/proc", child.pid());
    return states && states->size() == 1 && states->front() == state;
  });
  return came ? testing::AssertionSuccess() : testing::AssertionFailure();
}

TEST(ThreadStates, WhoWorksRuns) {
  const test::ChildProcess child("/bin/sh", {"-c", "while :; do :; done"});
  EXPECT_TRUE(comes_to(child, ThreadState::kRunning));
}

TEST(ThreadStates, WhoReadsIsBlocked) {
  const test::ChildProcess child("/bin/cat", {});
  EXPECT_TRUE(comes_to(child, ThreadState::kBlocked));
}

TEST(ThreadStates, WhoWaitsForEventsPolls) {
  base::UniqueFd epoll(::epoll_create1(EPOLL_CLOEXEC));
  std::thread polling([&] {
    epoll_event event{};
    ::epoll_wait(epoll.get(), &event, 1, 20'000);
  });
  EXPECT_TRUE(test::wait_until(test::soon(), [] {
    const auto states = target::read_thread_states("/proc", ::getpid());
    return states && std::count(states->begin(), states->end(), ThreadState::kPolling) == 1;
  }));
  int ends[2] = {-1, -1};
  ASSERT_EQ(::pipe(ends), 0);
  epoll_event readable{EPOLLIN, {}};
  ASSERT_EQ(::epoll_ctl(epoll.get(), EPOLL_CTL_ADD, ends[0], &readable), 0);
  ASSERT_EQ(::write(ends[1], "x", 1), 1);
  polling.join();
  ::close(ends[0]);
  ::close(ends[1]);
}

TEST(ThreadStates, OfNobodyThereAreNone) {
  const auto states = target::read_thread_states("/proc", 4'194'305);
  ASSERT_FALSE(states);
  EXPECT_EQ(states.error().cause, base::Cause::kGone);
}

}  // namespace
