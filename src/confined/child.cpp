#include "confined/child.h"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <thread>
#include <utility>

#include "base/owned.h"

namespace confined {
namespace {

using base::fail;
using base::Result;
using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

// All of the child's environment. A program that doesn't know the hidden command, such as a test,
// would run itself again and again: it is stopped here.
constexpr const char* kMark = "VALKYRIA_EXPORTER_CONFINED";
// A confined process can't look for its leaks, which the address sanitizer would do by forking.
constexpr const char* kNoLeakCheck = "ASAN_OPTIONS=detect_leaks=0";

constexpr milliseconds kLookUp{20};        // how often we ask whether to stop
constexpr milliseconds kTimeToDie{1'000};  // of a killed process that is not stuck in the kernel

using FileActions = base::Owned<posix_spawn_file_actions_t, posix_spawn_file_actions_destroy>;
using Attributes = base::Owned<posix_spawnattr_t, posix_spawnattr_destroy>;

// Somebody who made us ignore SIGCHLD has taken the status: then it counts as killed.
int reap(pid_t pid) {
  int status = 0;
  pid_t reaped = -1;
  do reaped = ::waitpid(pid, &status, 0);
  while (reaped < 0 && errno == EINTR);
  return reaped < 0 ? SIGKILL : status;
}

// Gives the child exactly the descriptors that it is to have. Those of `files` and `output` are
// above all numbers that they become.
void arrange_descriptors(posix_spawn_file_actions_t* actions, int output,
                         const std::vector<base::UniqueFd>& files) {
  ::posix_spawn_file_actions_addopen(actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  ::posix_spawn_file_actions_adddup2(actions, output, STDOUT_FILENO);
  // What libraries complain about is of no use to anybody.
  ::posix_spawn_file_actions_addopen(actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
  int number = kFirstFile;
  for (const base::UniqueFd& file : files) {
    if (file) {
      ::posix_spawn_file_actions_adddup2(actions, file.get(), number++);
    } else {
      ::posix_spawn_file_actions_addclose(actions, number++);
    }
  }
  ::posix_spawn_file_actions_addclosefrom_np(actions, number);
}

// Signals as at the start of a program, whatever we do with ours.
void arrange_signals(posix_spawnattr_t* attributes) {
  sigset_t none;
  sigemptyset(&none);
  sigset_t all;
  sigfillset(&all);
  ::posix_spawnattr_setsigmask(attributes, &none);
  ::posix_spawnattr_setsigdefault(attributes, &all);
  ::posix_spawnattr_setflags(attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
}

// An errno, or 0.
int spawn_self(std::vector<std::string> arguments, int output,
               const std::vector<base::UniqueFd>& files, pid_t* pid) {
  posix_spawn_file_actions_t actions;
  if (const int error = ::posix_spawn_file_actions_init(&actions); error != 0) return error;
  const FileActions owned_actions(&actions);
  posix_spawnattr_t attributes;
  if (const int error = ::posix_spawnattr_init(&attributes); error != 0) return error;
  const Attributes owned_attributes(&attributes);
  arrange_descriptors(&actions, output, files);
  arrange_signals(&attributes);
  std::vector<char*> argv;
  for (std::string& argument : arguments) argv.push_back(argument.data());
  argv.push_back(nullptr);
  std::string mark = std::string(kMark) + "=1";
  std::string no_leak_check = kNoLeakCheck;
  char* environment[] = {mark.data(), no_leak_check.data(), nullptr};
  return ::posix_spawn(pid, "/proc/self/exe", &actions, &attributes, argv.data(), environment);
}

// A copy of a descriptor above `number`.
base::UniqueFd copy_above(int fd, int number) {
  return base::UniqueFd(::fcntl(fd, F_DUPFD_CLOEXEC, number + 1));
}

}  // namespace

bool wait_readable(int fd, const Patience& patience) {
  while (!patience.stop.stop_requested()) {
    const auto left = std::chrono::ceil<milliseconds>(patience.deadline - Clock::now());
    if (left.count() <= 0) return false;
    pollfd ready{fd, POLLIN, 0};
    const int count = ::poll(&ready, 1, static_cast<int>(std::min(left, kLookUp).count()));
    if (count > 0) return true;
    if (count < 0 && errno != EINTR) return false;
  }
  return false;
}

Result<Child> Child::start(const std::vector<std::string>& arguments, int output,
                           const std::vector<int>& files) {
  // Nothing here changes the environment. NOLINTNEXTLINE(concurrency-mt-unsafe)
  if (::getenv(kMark) != nullptr) {
    return fail("start {}: this program lacks the command {}", arguments.at(0), arguments.at(1));
  }
  const int last = kFirstFile + static_cast<int>(files.size());
  const base::UniqueFd high_output = copy_above(output, last);
  bool copied = static_cast<bool>(high_output);
  std::vector<base::UniqueFd> high_files;
  for (const int file : files) {
    high_files.push_back(file < 0 ? base::UniqueFd() : copy_above(file, last));
    copied = copied && static_cast<bool>(high_files.back()) == (file >= 0);
  }
  if (!copied) return fail("start a process: {}", base::errno_text(errno));
  pid_t pid = -1;
  if (const int error = spawn_self(arguments, high_output.get(), high_files, &pid); error != 0) {
    return fail("start a process: {}", base::errno_text(error));
  }
  Child child(pid, base::UniqueFd(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0))));
  if (!child.pid_fd_) return fail("watch a process: {}", base::errno_text(errno));
  return child;
}

Child::Child(Child&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)), pid_fd_(std::move(other.pid_fd_)) {}

// One that is stuck in the kernel, at a file system that hangs, dies once it gets out of there: a
// thread waits for that, so that we don't.
Child::~Child() {
  if (pid_ < 0) return;
  ::kill(pid_, SIGKILL);
  if (wait_readable(pid_fd_.get(), {Clock::now() + kTimeToDie, {}})) {
    reap(pid_);
  } else {
    std::thread([pid = pid_] { reap(pid); }).detach();
  }
}

std::optional<int> Child::wait(const Patience& patience) {
  if (!wait_readable(pid_fd_.get(), patience)) return std::nullopt;
  return reap(std::exchange(pid_, -1));
}

}  // namespace confined
