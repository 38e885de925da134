#include "terminal_child.h"

#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <system_error>

namespace e2e {
namespace {

constexpr const char* kTopOfPage = "\x1b[H";

winsize window(unsigned short columns, unsigned short rows) {
  return {.ws_row = rows, .ws_col = columns, .ws_xpixel = 0, .ws_ypixel = 0};
}

// Runs in the child, between fork and exec: system calls only.
[[noreturn]] void become(char* const* arguments, char* const* environment, int line) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  ::setsid();
  ::ioctl(line, TIOCSCTTY, 0);
  for (const int fd : {0, 1, 2}) ::dup2(line, fd);
  ::execve(arguments[0], arguments, environment);
  ::_exit(127);
}

}  // namespace

TerminalChild::TerminalChild(const std::string& program, const std::vector<std::string>& arguments,
                             unsigned short columns, unsigned short rows) {
  int ends[2];
  winsize size = window(columns, rows);
  if (::openpty(&ends[0], &ends[1], nullptr, nullptr, &size) != 0) {
    throw std::system_error(errno, std::generic_category(), "openpty");
  }
  terminal_ = base::UniqueFd(ends[0]);
  line_ = base::UniqueFd(ends[1]);
  std::vector<char*> words{const_cast<char*>(program.c_str())};
  for (const std::string& argument : arguments) {
    words.push_back(const_cast<char*>(argument.c_str()));
  }
  words.push_back(nullptr);
  std::string term = "TERM=xterm";
  std::array<char*, 2> environment{term.data(), nullptr};
  pid_ = ::fork();
  if (pid_ < 0) throw std::system_error(errno, std::generic_category(), "fork");
  if (pid_ == 0) become(words.data(), environment.data(), line_.get());
}

TerminalChild::~TerminalChild() {
  if (pid_ <= 0) return;
  ::kill(pid_, SIGKILL);
  ::waitpid(pid_, nullptr, 0);
}

void TerminalChild::type(const std::string& keys) const {
  (void)!::write(terminal_.get(), keys.data(), keys.size());
}

void TerminalChild::resize(unsigned short columns, unsigned short rows) const {
  winsize size = window(columns, rows);
  ::ioctl(terminal_.get(), TIOCSWINSZ, &size);
}

bool TerminalChild::shows(const std::string& text) {
  const test::Deadline deadline = test::soon();
  // What is there already was drawn before.
  while (read_some(std::chrono::steady_clock::now())) continue;
  const std::size_t before = written_.size();
  while (written_.find(kTopOfPage, before) == std::string::npos ||
         written_.find(text, written_.find(kTopOfPage, before)) == std::string::npos) {
    if (!read_some(deadline)) return false;
  }
  return true;
}

std::string TerminalChild::last_page() const {
  const std::size_t end = written_.rfind(kTopOfPage);
  if (end == std::string::npos || end == 0) return {};
  const std::size_t begin = written_.rfind(kTopOfPage, end - 1);
  return begin == std::string::npos ? std::string() : written_.substr(begin, end - begin);
}

// Reads on, so that the child never waits for us.
std::optional<int> TerminalChild::wait() {
  int status = 0;
  const bool ended = test::wait_until(test::soon(), [&] {
    while (read_some(std::chrono::steady_clock::now())) continue;
    return ::waitpid(pid_, &status, WNOHANG) == pid_;
  });
  if (!ended) return std::nullopt;
  pid_ = -1;
  while (read_some(std::chrono::steady_clock::now())) continue;
  return WIFEXITED(status) ? std::optional(WEXITSTATUS(status)) : std::nullopt;
}

termios TerminalChild::modes() const {
  termios modes{};
  ::tcgetattr(line_.get(), &modes);
  return modes;
}

bool TerminalChild::read_some(test::Deadline deadline) {
  pollfd readable{terminal_.get(), POLLIN, 0};
  if (::poll(&readable, 1, test::milliseconds_until(deadline)) <= 0) return false;
  std::array<char, 4096> bytes;
  const ssize_t length = ::read(terminal_.get(), bytes.data(), bytes.size());
  if (length <= 0) return false;
  written_.append(bytes.data(), static_cast<std::size_t>(length));
  return true;
}

}  // namespace e2e
