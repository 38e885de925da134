// A part of a program that runs as a process of its own: what it gets, and what is told of its end.
#include "confined/task.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <thread>

#include "base/unique_fd.h"
#include "confined_parts.h"
#include "support/deadline.h"

namespace {

using confined::Ending;
using confined::Outcome;
using std::chrono::milliseconds;
using test::say;

[[noreturn]] void hang() {
  while (true) ::pause();
}

const test::AddPart kParts[]{
    {"answer",
     [](const auto& arguments) {
       for (const std::string& argument : arguments) say(argument + "\n");
       return 3;
     }},
    {"tell-descriptors",
     [](const auto&) {
       for (int number = 0; number < 4096; ++number) {
         if (!confined::has_file(number)) continue;
         char byte = 0;
         const bool has_byte = number >= confined::kFirstFile && ::read(number, &byte, 1) == 1;
         say(std::to_string(number) + (has_byte ? std::string(1, byte) : "") + " ");
       }
       return 0;
     }},
    {"tell-input",
     [](const auto&) {
       char byte = 0;
       say(::read(STDIN_FILENO, &byte, 1) == 0 ? "nothing" : "something");
       return 0;
     }},
    {"tell-environment",
     [](const auto&) {
       say(std::getenv("PATH") == nullptr && std::getenv("HOME") == nullptr ? "clean" : "leaked");
       return 0;
     }},
    {"tell-signals",
     [](const auto&) {
       struct sigaction action {};
       ::sigaction(SIGPIPE, nullptr, &action);
       sigset_t blocked;
       ::sigprocmask(SIG_BLOCK, nullptr, &blocked);
       const bool as_at_start =
           action.sa_handler == SIG_DFL && ::sigismember(&blocked, SIGTERM) == 0;
       say(as_at_start ? "as at the start" : "inherited");
       return 0;
     }},
    {"crash",
     [](const auto&) {
       say("half an ans");
       std::signal(SIGSEGV, SIG_DFL);
       ::raise(SIGSEGV);
       return 0;
     }},
    {"hang",
     [](const auto&) {
       hang();
       return 0;
     }},
    {"answer-and-hang",
     [](const auto&) {
       say("done");
       ::close(STDOUT_FILENO);
       hang();
       return 0;
     }},
    {"talk",
     [](const auto&) {
       while (true) say(std::string(4096, 'x'));
       return 0;
     }},
};

class RunTask : public testing::Test {
 protected:
  ~RunTask() override {
    // Nobody is left, dead or alive.
    EXPECT_EQ(::waitpid(-1, nullptr, WNOHANG), -1);
    EXPECT_EQ(errno, ECHILD);
  }

  static Outcome run(const confined::Task& task, const std::stop_token& stop = {},
                     milliseconds max_time = std::chrono::seconds(20)) {
    auto outcome = confined::run(task, {test::in(max_time), stop});
    EXPECT_TRUE(outcome) << outcome.error().message;
    return outcome ? *outcome : Outcome{};
  }

  static base::UniqueFd file_with(const char* content) {
    int ends[2];
    EXPECT_EQ(::pipe2(ends, O_CLOEXEC), 0);
    EXPECT_EQ(::write(ends[1], content, 1), 1);
    ::close(ends[1]);
    return base::UniqueFd(ends[0]);
  }
};

TEST_F(RunTask, TellsItsAnswerAndItsCode) {
  const Outcome outcome = run({.command = "answer", .arguments = {"one", "-two"}});
  EXPECT_EQ(outcome.ending, Ending::kExited);
  EXPECT_EQ(outcome.code, 3);
  EXPECT_EQ(outcome.answer, "one\n-two\n");
}

TEST_F(RunTask, GivesItTheFilesAndNoOtherDescriptor) {
  const base::UniqueFd a = file_with("a");
  const base::UniqueFd b = file_with("b");
  const base::UniqueFd stray(::fcntl(a.get(), F_DUPFD, 100));  // without close-on-exec
  EXPECT_EQ(run({.command = "tell-descriptors", .files = {b.get(), a.get()}}).answer,
            "0 1 2 3b 4a ");
  EXPECT_EQ(run({.command = "tell-descriptors"}).answer, "0 1 2 ");
}

TEST_F(RunTask, GivesItNoFileUnderTheNumberOfOneThatIsNotThere) {
  const base::UniqueFd a = file_with("a");
  EXPECT_EQ(run({.command = "tell-descriptors", .files = {-1, a.get(), -1}}).answer, "0 1 2 4a ");
}

TEST_F(RunTask, GivesItNothingElseOfOurs) {
  EXPECT_EQ(run({.command = "tell-input"}).answer, "nothing");
  EXPECT_EQ(run({.command = "tell-environment"}).answer, "clean");
  const auto handler = std::signal(SIGPIPE, SIG_IGN);
  EXPECT_EQ(run({.command = "tell-signals"}).answer, "as at the start");
  std::signal(SIGPIPE, handler);
}

TEST_F(RunTask, TellsTheSignalThatEndedIt) {
  const Outcome outcome = run({.command = "crash"});
  EXPECT_EQ(outcome.ending, Ending::kKilled);
  EXPECT_EQ(outcome.code, SIGSEGV);
}

TEST_F(RunTask, EndsItAtTheDeadline) {
  for (const char* command : {"hang", "answer-and-hang"}) {
    EXPECT_EQ(run({.command = command}, {}, milliseconds(200)).ending, Ending::kTimeout);
  }
}

TEST_F(RunTask, EndsItWhenAskedToStop) {
  std::stop_source source;
  std::jthread stopper([&] { source.request_stop(); });
  EXPECT_EQ(run({.command = "hang"}, source.get_token()).ending, Ending::kStopped);
}

TEST_F(RunTask, EndsItWhenItTalksTooMuch) {
  const Outcome outcome = run({.command = "talk", .max_answer_bytes = 100'000});
  EXPECT_EQ(outcome.ending, Ending::kTooLong);
  EXPECT_LT(outcome.answer.size(), 200'000u);
}

}  // namespace
