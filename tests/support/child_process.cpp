// SPDX-License-Identifier: BSD-2-Clause
#include "support/child_process.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <system_error>

namespace test {
namespace {

[[noreturn]] void throw_errno(const std::string& deed) {
  throw std::system_error(errno, std::generic_category(), deed);
}

struct Pipe {
  int read_end = -1;
  int write_end = -1;
};

Pipe make_pipe() {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) throw_errno("make a pipe");
  return {ends[0], ends[1]};
}

void close_fd(int& fd) {
  if (fd >= 0) close(fd);
  fd = -1;
}

// Runs in the child, between fork and exec: system calls only.
[[noreturn]] void become(const char* program, char* const* arguments, int in, int out, int err,
                         pid_t parent) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) _exit(127);
  dup2(in, STDIN_FILENO);
  dup2(out, STDOUT_FILENO);
  if (err >= 0) dup2(err, STDERR_FILENO);
  execv(program, arguments);
  _exit(127);
}

bool wait_readable(int fd, Deadline deadline) {
  pollfd readable{fd, POLLIN, 0};
  int ready = 0;
  do ready = poll(&readable, 1, milliseconds_until(deadline));
  while (ready < 0 && errno == EINTR);
  return ready > 0;
}

}  // namespace

ChildProcess::ChildProcess(const std::string& program, const std::vector<std::string>& arguments,
                           Stderr stderr_to) {
  std::vector<char*> pointers{const_cast<char*>(program.c_str())};
  for (const auto& argument : arguments) pointers.push_back(const_cast<char*>(argument.c_str()));
  pointers.push_back(nullptr);
  if (access(program.c_str(), X_OK) != 0) throw_errno("start " + program);
  Pipe in = make_pipe();
  Pipe out = make_pipe();
  if (stderr_to == Stderr::kCaptured) stderr_ = memfd_create("stderr", MFD_CLOEXEC);
  pid_t parent = getpid();
  pid_ = fork();
  if (pid_ < 0) throw_errno("fork");
  if (pid_ == 0)
    become(program.c_str(), pointers.data(), in.read_end, out.write_end, stderr_, parent);
  close_fd(in.read_end);
  close_fd(out.write_end);
  stdin_ = in.write_end;
  stdout_ = out.read_end;
  // Safe although pids are reused: nobody but us can reap our child.
  pid_fd_ = static_cast<int>(syscall(SYS_pidfd_open, pid_, 0));
}

ChildProcess::~ChildProcess() {
  if (!status_) {
    kill(pid_, SIGKILL);
    while (waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
    }
  }
  close_fd(pid_fd_);
  close_fd(stdin_);
  close_fd(stdout_);
  close_fd(stderr_);
}

std::optional<std::string> ChildProcess::read_line(Deadline deadline) {
  for (;;) {
    if (auto end = unread_.find('\n'); end != std::string::npos) {
      std::string line = unread_.substr(0, end);
      unread_.erase(0, end + 1);
      return line;
    }
    if (!wait_readable(stdout_, deadline)) return std::nullopt;
    char bytes[65536];
    ssize_t length = read(stdout_, bytes, sizeof(bytes));
    if (length <= 0) return std::nullopt;
    unread_.append(bytes, static_cast<std::size_t>(length));
  }
}

bool ChildProcess::write_line(const std::string& line) {
  static const auto ignored = std::signal(SIGPIPE, SIG_IGN);
  static_cast<void>(ignored);
  std::string rest = line + "\n";
  while (!rest.empty()) {
    ssize_t written = write(stdin_, rest.data(), rest.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return false;
    rest.erase(0, static_cast<std::size_t>(written));
  }
  return true;
}

void ChildProcess::close_stdin() {
  close_fd(stdin_);
}

std::string ChildProcess::stderr_text() const {
  std::string text;
  char bytes[4096];
  ssize_t length = 0;
  // By position: the child writes through the same open file.
  while ((length = pread(stderr_, bytes, sizeof(bytes), static_cast<off_t>(text.size()))) > 0)
    text.append(bytes, static_cast<std::size_t>(length));
  return text;
}

void ChildProcess::signal(int number) const {
  if (!status_) kill(pid_, number);
}

std::optional<ExitStatus> ChildProcess::wait(Deadline deadline) {
  if (status_) return status_;
  if (!wait_readable(pid_fd_, deadline)) return std::nullopt;
  int raw = 0;
  if (waitpid(pid_, &raw, 0) != pid_) throw_errno("wait for a child");
  status_ =
      WIFSIGNALED(raw) ? ExitStatus{true, WTERMSIG(raw)} : ExitStatus{false, WEXITSTATUS(raw)};
  return status_;
}

}  // namespace test
