#include "layout/layout_resolution.h"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <utility>

#include "base/owned.h"
#include "base/unique_fd.h"
#include "confined/confinement.h"
#include "elf/build_id.h"
#include "elf/debug_file.h"
#include "elf/debug_information.h"
#include "state/known_layouts.h"
#include "state/layout_text.h"

namespace layout {
namespace {

using base::fail;
using base::Result;
using Clock = std::chrono::steady_clock;

// All of the child's environment. A program that doesn't know the hidden command, such as a test,
// would run itself again and again: it is stopped here.
constexpr const char* kMark = "VALKYRIA_EXPORTER_CONFINED";
// A confined process can't look for its leaks, which the address sanitizer would do by forking.
constexpr const char* kNoLeakCheck = "ASAN_OPTIONS=detect_leaks=0";

// How long we wait for a child: until the deadline, or until somebody wants us to stop.
struct Patience {
  Clock::time_point deadline;
  std::stop_token stop;
};

constexpr std::chrono::milliseconds kLookUp{20};  // how often we ask whether to stop

// False: nothing came while there was patience.
bool wait_readable(int fd, const Patience& patience) {
  while (!patience.stop.stop_requested()) {
    const auto left =
        std::chrono::ceil<std::chrono::milliseconds>(patience.deadline - Clock::now());
    if (left.count() <= 0) return false;
    pollfd ready{fd, POLLIN, 0};
    const int count = ::poll(&ready, 1, static_cast<int>(std::min(left, kLookUp).count()));
    if (count > 0) return true;
    if (count < 0 && errno != EINTR) return false;
  }
  return false;
}

// A child that was started; ended and reaped by the destructor at the latest.
class Child {
 public:
  explicit Child(pid_t pid) : pid_(pid) {}
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;
  ~Child() {
    if (pid_ < 0) return;
    ::kill(pid_, SIGKILL);
    reap();
  }

  // How it ended; nothing: it goes on, whether or not it still writes.
  std::optional<int> wait(const Patience& patience) {
    const base::UniqueFd fd(static_cast<int>(::syscall(SYS_pidfd_open, pid_, 0)));
    if (!fd || !wait_readable(fd.get(), patience)) return std::nullopt;
    return reap();
  }

 private:
  // Somebody who made us ignore SIGCHLD has taken the status: then it counts as killed.
  int reap() {
    int status = 0;
    pid_t reaped = -1;
    do reaped = ::waitpid(pid_, &status, 0);
    while (reaped < 0 && errno == EINTR);
    pid_ = -1;
    return reaped < 0 ? SIGKILL : status;
  }

  pid_t pid_;
};

using FileActions = base::Owned<posix_spawn_file_actions_t, posix_spawn_file_actions_destroy>;
using Attributes = base::Owned<posix_spawnattr_t, posix_spawnattr_destroy>;

// Starts ourselves with `fd` as kResolvedFd and `output` as stdout. An errno, or 0.
int spawn_self(std::vector<std::string> arguments, int fd, int output, pid_t* pid) {
  posix_spawn_file_actions_t actions;
  if (const int error = ::posix_spawn_file_actions_init(&actions); error != 0) return error;
  const FileActions owned_actions(&actions);
  posix_spawnattr_t attributes;
  if (const int error = ::posix_spawnattr_init(&attributes); error != 0) return error;
  const Attributes owned_attributes(&attributes);
  ::posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
  ::posix_spawn_file_actions_adddup2(&actions, fd, kResolvedFd);
  // What libdw or the C library complains about is of no use to anybody.
  ::posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
  sigset_t none;
  sigemptyset(&none);
  ::posix_spawnattr_setsigmask(&attributes, &none);
  ::posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);
  std::vector<char*> argv;
  for (std::string& argument : arguments) argv.push_back(argument.data());
  argv.push_back(nullptr);
  std::string mark = std::string(kMark) + "=1";
  std::string no_leak_check = kNoLeakCheck;
  char* environment[] = {mark.data(), no_leak_check.data(), nullptr};
  return ::posix_spawn(pid, "/proc/self/exe", &actions, &attributes, argv.data(), environment);
}

// Everything up to the end, or nothing at the deadline or past the limit.
std::optional<std::string> read_all(int fd, const Patience& patience) {
  std::string text;
  std::array<char, 16 * 1024> part;
  while (text.size() <= state::kMaxLayoutBytes) {
    if (!wait_readable(fd, patience)) return std::nullopt;
    const ssize_t got = ::read(fd, part.data(), part.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return std::nullopt;
    if (got == 0) return text;
    text.append(part.data(), static_cast<std::size_t>(got));
  }
  return std::nullopt;
}

std::string first_line(const std::string& text) {
  return text.substr(0, text.find('\n'));
}

Result<state::Layout> resolve_here(const std::string& name,
                                   const std::vector<std::string>& debug_directories) {
  if (auto confined = confined::confine_process(); !confined) return base::pass_on(confined);
  const auto file = elf::ElfFile::open(base::UniqueFd(kResolvedFd), name);
  if (!file) return base::pass_on(file);
  base::UniqueFd debug_file = elf::open_debug_file(*file, debug_directories);
  if (auto forbidden = confined::forbid_reaching_out(); !forbidden) {
    return base::pass_on(forbidden);
  }
  const auto information = elf::DebugInformation::open(*file, std::move(debug_file));
  if (!information) return base::pass_on(information);
  auto layout = state::resolve_known_layout(*information);
  if (!layout) return fail("{}: {}", name, layout.error().message);
  layout->build_id = elf::read_build_id(*file).value_or("");
  return layout;
}

}  // namespace

Result<state::Layout> resolve_in_child(int fd, const std::string& name,
                                       const std::vector<std::string>& debug_directories,
                                       std::chrono::milliseconds max_time,
                                       const std::stop_token& stop) {
  if (std::getenv(kMark) != nullptr) {
    return fail("resolve the layout of {}: this program lacks the command {}", name,
                kResolveConfined);
  }
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) {
    return fail("resolve the layout of {}: {}", name, base::errno_text(errno));
  }
  const base::UniqueFd reading(ends[0]);
  base::UniqueFd writing(ends[1]);
  // Both above the numbers that the child gets them under.
  const base::UniqueFd high_fd(::fcntl(fd, F_DUPFD_CLOEXEC, kResolvedFd + 1));
  base::UniqueFd high_output(::fcntl(writing.get(), F_DUPFD_CLOEXEC, kResolvedFd + 1));
  writing = base::UniqueFd();
  if (!high_fd || !high_output) {
    return fail("resolve the layout of {}: {}", name, base::errno_text(errno));
  }
  std::vector<std::string> arguments{"valkyria_exporter", kResolveConfined, kResolveName, name};
  for (const std::string& directory : debug_directories) {
    arguments.insert(arguments.end(), {kDebugDirectory, directory});
  }
  pid_t pid = -1;
  const int error = spawn_self(std::move(arguments), high_fd.get(), high_output.get(), &pid);
  if (error != 0) {
    return fail("resolve the layout of {}: start a process: {}", name, base::errno_text(error));
  }
  Child child(pid);
  high_output = base::UniqueFd();  // while we hold it the pipe has no end
  const Patience patience{Clock::now() + max_time, stop};
  const auto text = read_all(reading.get(), patience);
  const auto status = text ? child.wait(patience) : std::nullopt;
  if (!status) {
    return fail(
        "resolve the layout of {}: no answer within {} ms (its debug information keeps libdw busy, "
        "or makes it talk without end)",
        name, max_time.count());
  }
  if (WIFSIGNALED(*status)) {
    return fail("resolve the layout of {}: its debug information makes libdw crash (signal {})",
                name, WTERMSIG(*status));
  }
  if (WEXITSTATUS(*status) != 0 && first_line(*text).empty()) {
    return fail("resolve the layout of {}: the process for it ended with code {} and no word", name,
                WEXITSTATUS(*status));
  }
  if (WEXITSTATUS(*status) != 0) return fail("{}", first_line(*text));
  return state::parse_layout(*text);
}

int run_resolve_confined(const std::string& name,
                         const std::vector<std::string>& debug_directories) {
  const auto layout = resolve_here(name, debug_directories);
  const std::string text = layout ? state::write_layout(*layout) : layout.error().message + "\n";
  const bool written = std::fwrite(text.data(), 1, text.size(), stdout) == text.size();
  return std::fflush(stdout) == 0 && written && layout ? 0 : 1;
}

}  // namespace layout
