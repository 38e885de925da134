// What a confined process can still do: it tries everything.
#include "confined/confinement.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <sstream>

#include "base/unique_fd.h"
#include "confined/task.h"
#include "confined_attempts.h"
#include "confined_parts.h"
#include "support/deadline.h"

namespace {

namespace fs = std::filesystem;
using confined::Ending;
using confined::Outcome;
using test::Attempt;
using test::attempts_on_files;
using test::attempts_on_others;
using test::say;
using test::Word;

// Its errno, or 0.
int make(const Attempt& attempt) {
  long all[6]{};
  std::size_t count = 0;
  for (const Word& word : attempt.arguments) all[count++] = word.value;
  const long result = ::syscall(attempt.call, all[0], all[1], all[2], all[3], all[4], all[5]);
  return result == -1 ? errno : 0;
}

// What is let through, with some arguments at least: an oracle of its own.
const std::set<long> kAllowed{
    SYS_read,
    SYS_pread64,
    SYS_lseek,
    SYS_close,
    SYS_fstat,
    SYS_newfstatat,
    SYS_write,
    SYS_fcntl,
    SYS_brk,
    SYS_mmap,
    SYS_mprotect,
    SYS_mremap,
    SYS_munmap,
    SYS_madvise,
    SYS_futex,
    SYS_clock_gettime,
    SYS_getrandom,
    SYS_rt_sigaction,
    SYS_rt_sigprocmask,
    SYS_rt_sigreturn,
    SYS_exit,
    SYS_exit_group,
    // uretprobe and uprobe, which kill whoever calls them without the kernel's having asked him to.
    335,
    336,
#ifdef VALKYRIA_SANITIZED
    SYS_sigaltstack,
    SYS_gettid,
    SYS_getpid,
    SYS_sched_yield,
    SYS_getrlimit,
    SYS_pipe,
    SYS_pipe2,
#endif
};

int tell(const std::string& name, int error) {
  say(name + " " + std::to_string(error) + "\n");
  return error;
}

bool confine() {
  const auto confined = confined::confine_process();
  if (!confined) say(confined.error().message);
  return confined.has_value();
}

const test::AddPart kParts[]{
    {"try-files",
     [](const auto& arguments) {
       const auto attempts = attempts_on_files(arguments.at(0));
       if (!confine()) return 1;
       for (const Attempt& attempt : attempts) tell(attempt.name, make(attempt));
       return 0;
     }},
    {"try-others",
     [](const auto&) {
       const auto attempts = attempts_on_others(::getppid());
       if (!confine()) return 1;
       for (const Attempt& attempt : attempts) tell(attempt.name, make(attempt));
       return 0;
     }},
    {"try-all-numbers",
     [](const auto&) {
       if (!confine()) return 1;
       for (long call = 0; call < 1'024; ++call) {
         if (!kAllowed.contains(call)) tell(std::to_string(call), make({"", call, {}}));
       }
       return 0;
     }},
    {"make-code",
     [](const auto&) {
       if (!confine()) return 1;
       void* const page =
           ::mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
       if (page == MAP_FAILED) return 1;
       const int failed = ::mprotect(page, 4096, PROT_READ | PROT_EXEC) == 0 ? 0 : errno;
       return tell("mprotect", failed) == EPERM && ::mprotect(page, 4096, PROT_READ) == 0 ? 0 : 1;
     }},
    {"x32",
     [](const auto&) {
       if (!confine()) return 1;
       constexpr long kX32 = 0x40000000;
       ::syscall(kX32 | SYS_getpid);
       say("lives");
       return 0;
     }},
    {"i386",
     [](const auto&) {
       if (!confine()) return 1;
       long result = 20;  // getpid
       asm volatile("int $0x80" : "+a"(result) : : "memory");
       say("lives");
       return 0;
     }},
    {"look-under-a-path",
     [](const auto&) {
       if (!confine()) return 1;
       struct stat status {};
       tell("stat", ::fstatat(3, "/etc/passwd", &status, AT_EMPTY_PATH) == 0 ? 0 : errno);
       return 0;
     }},
    {"work",
     [](const auto&) {
       if (!confine()) return 1;
       char byte = 0;
       struct stat status {};
       const base::UniqueFd copy(::fcntl(3, F_DUPFD_CLOEXEC, 0));
       const bool reads = ::pread(copy.get(), &byte, 1, 1) == 1 && byte == 'b' &&
                          ::lseek(3, 0, SEEK_END) == 4 && ::fstat(3, &status) == 0;
       const std::vector<char> memory(64 * 1024 * 1024, 'x');
       say(reads && memory.back() == 'x' ? "works" : "fails");
       return 0;
     }},
    {"take-memory",
     [](const auto&) {
       if (!confine()) return 1;
       void* const memory = ::mmap(nullptr, std::size_t{1} << 30, PROT_READ | PROT_WRITE,
                                   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
       say(memory == MAP_FAILED ? "refused" : "got it");
       return 0;
     }},
};

std::string read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

class Confinement : public testing::Test {
 protected:
  Confinement() {
    std::string name = (fs::temp_directory_path() / "confined-XXXXXX").string();
    directory_ = ::mkdtemp(name.data());
    victim_ = directory_ + "/victim";
    std::ofstream(victim_) << "abcd";
    fs::permissions(directory_, fs::perms::all);
    fs::permissions(victim_, fs::perms(0666));
  }
  ~Confinement() override { fs::remove_all(directory_); }

  Outcome run(const std::string& part) const {
    const base::UniqueFd file(::open(victim_.c_str(), O_RDWR | O_CLOEXEC));
    const auto outcome = confined::run(
        {.command = part, .arguments = {directory_}, .files = {file.get()}}, {test::soon(), {}});
    EXPECT_TRUE(outcome) << outcome.error().message;
    return outcome ? *outcome : Outcome{};
  }

  // Each line names an attempt and the errno that it got.
  static void expect_all_forbidden(const Outcome& outcome, std::size_t count) {
    EXPECT_EQ(outcome.ending, Ending::kExited);
    ASSERT_EQ(outcome.code, 0) << outcome.answer;
    std::istringstream lines(outcome.answer);
    std::size_t seen = 0;
    std::string name;
    for (int error = 0; lines >> name >> error; ++seen) {
      EXPECT_EQ(error, EPERM) << name << ": " << (error == 0 ? "succeeded" : std::strerror(error));
    }
    EXPECT_EQ(seen, count);
  }

  std::string directory_;
  std::string victim_;
};

TEST_F(Confinement, ForbidsEveryDealingWithFiles) {
  struct stat before {};
  ASSERT_EQ(::stat(victim_.c_str(), &before), 0);
  expect_all_forbidden(run("try-files"), attempts_on_files(directory_).size());
  struct stat after {};
  ASSERT_EQ(::stat(victim_.c_str(), &after), 0);
  EXPECT_EQ(after.st_ino, before.st_ino);
  EXPECT_EQ(after.st_mode, before.st_mode);
  EXPECT_EQ(after.st_uid, before.st_uid);
  EXPECT_EQ(after.st_ctim.tv_nsec, before.st_ctim.tv_nsec);
  EXPECT_EQ(read_file(victim_), "abcd");
  EXPECT_EQ(std::distance(fs::directory_iterator(directory_), {}), 1);
}

TEST_F(Confinement, ForbidsEveryDealingWithOtherProcessesAndTheKernel) {
  expect_all_forbidden(run("try-others"), attempts_on_others(::getpid()).size());
}

TEST_F(Confinement, ForbidsEveryCallThatIsNotOnTheList) {
  expect_all_forbidden(run("try-all-numbers"), 1'024 - kAllowed.size());
}

TEST_F(Confinement, LetsNoMemoryBecomeCode) {
  const Outcome outcome = run("make-code");
  EXPECT_EQ(outcome.code, 0) << outcome.answer;
}

TEST_F(Confinement, KillsWhoCallsAsAnotherArchitecture) {
  for (const char* part : {"x32", "i386"}) {
    const Outcome outcome = run(part);
    EXPECT_EQ(outcome.ending, Ending::kKilled) << part << ": " << outcome.answer;
    // A kernel without i386 gives SIGSEGV.
    EXPECT_THAT(outcome.code, testing::AnyOf(SIGSYS, SIGSEGV)) << part;
  }
}

TEST_F(Confinement, LeavesWhatReadingAndComputingNeeds) {
  EXPECT_EQ(run("work").answer, "works");
}

#ifndef VALKYRIA_SANITIZED
TEST_F(Confinement, LimitsMemory) {
  EXPECT_EQ(run("take-memory").answer, "refused");
}
#endif

TEST_F(Confinement, LeavesNothingUnderAnyPath) {
  if (::geteuid() != 0) GTEST_SKIP() << "an empty root is root's to make";
  const std::string answer = run("look-under-a-path").answer;
  EXPECT_THAT(answer, testing::AnyOf("stat " + std::to_string(ENOENT) + "\n",
                                     "stat " + std::to_string(ESRCH) + "\n"));
}

}  // namespace
