// What the threads of real processes do.
#include "target/thread_states.h"

#include <gtest/gtest.h>
#include <sched.h>
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
    const auto looks = target::look_at_threads("/proc", child.pid());
    return looks && looks->size() == 1 && looks->front().tid == child.pid() &&
           looks->front().state == state;
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
    const auto looks = target::look_at_threads("/proc", ::getpid());
    const auto polls = [](const target::ThreadLook& look) {
      return look.state == ThreadState::kPolling;
    };
    return looks && std::count_if(looks->begin(), looks->end(), polls) == 1;
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

// Two that always run share one processor, so each stands in its queue half of the time.
TEST(ThreadStates, WhoHasNoProcessorIsQueued) {
  cpu_set_t before;
  ASSERT_EQ(::sched_getaffinity(0, sizeof(before), &before), 0);
  cpu_set_t one;
  CPU_ZERO(&one);
  CPU_SET(::sched_getcpu(), &one);
  ASSERT_EQ(::sched_setaffinity(0, sizeof(one), &one), 0);
  const test::ChildProcess first("/bin/sh", {"-c", "while :; do :; done"});
  const test::ChildProcess second("/bin/sh", {"-c", "while :; do :; done"});
  ASSERT_EQ(::sched_setaffinity(0, sizeof(before), &before), 0);
  const auto has_queued = [](const test::ChildProcess& child) {
    const auto looks = target::look_at_threads("/proc", child.pid());
    return looks && looks->size() == 1 && looks->front().queued_ns.value_or(0) > 100'000'000;
  };
  EXPECT_TRUE(
      test::wait_until(test::soon(), [&] { return has_queued(first) && has_queued(second); }));
}

TEST(ThreadStates, OfNobodyThereAreNone) {
  const auto looks = target::look_at_threads("/proc", 4'194'305);
  ASSERT_FALSE(looks);
  EXPECT_EQ(looks.error().cause, base::Cause::kGone);
}

}  // namespace
