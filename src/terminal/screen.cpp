#include "terminal/screen.h"

#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <string_view>

namespace terminal {
namespace {

// The alternate screen, no cursor, and no wrapping of what is too long by a terminal's own widths.
constexpr std::string_view kEnter = "\x1b[?1049h\x1b[?25l\x1b[?7l\x1b[2J";
constexpr std::string_view kLeave = "\x1b[?7h\x1b[?25h\x1b[?1049l";
constexpr std::string_view kToTop = "\x1b[H";
constexpr std::string_view kEndOfLine = "\x1b[K";
constexpr std::string_view kEndOfPage = "\x1b[J";
constexpr std::size_t kMaxColumns = 400;
constexpr std::size_t kMaxRows = 400;
constexpr std::size_t kMaxHeldBytes = std::size_t{64} << 10;

base::Result<void> write_all(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(fd, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return base::fail("write to the terminal: {}", base::errno_text(errno));
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return {};
}

}  // namespace

Size size_of(int fd) {
  winsize window{};
  Size size;
  if (::ioctl(fd, TIOCGWINSZ, &window) != 0 || window.ws_col == 0 || window.ws_row == 0) {
    return size;
  }
  size.columns = std::min<std::size_t>(window.ws_col, kMaxColumns);
  size.rows = std::min<std::size_t>(window.ws_row, kMaxRows);
  return size;
}

Colours colours_for(int fd) {
  // Nothing here changes the environment. NOLINTNEXTLINE(concurrency-mt-unsafe)
  const char* const no_color = std::getenv("NO_COLOR");
  // NOLINTNEXTLINE(concurrency-mt-unsafe)
  const char* const term = std::getenv("TERM");
  const bool refuses = (no_color != nullptr && *no_color != '\0') ||
                       (term != nullptr && std::string_view(term) == "dumb");
  return ::isatty(fd) == 1 && !refuses ? Colours::kAnsi : Colours::kNone;
}

base::Result<std::unique_ptr<Screen>> Screen::open(int in, int out) {
  std::unique_ptr<Screen> screen(new Screen(in, out));
  if (::tcgetattr(in, &screen->modes_) == 0) {
    termios modes = screen->modes_;
    // Keys as they come, Ctrl-C and Ctrl-Z too; output stays as it is.
    modes.c_lflag &= ~static_cast<tcflag_t>(ICANON | ECHO | ISIG | IEXTEN);
    modes.c_iflag &= ~static_cast<tcflag_t>(IXON | ICRNL);
    modes.c_cc[VMIN] = 1;
    modes.c_cc[VTIME] = 0;
    if (::tcsetattr(in, TCSANOW, &modes) != 0) {
      return base::fail("set the terminal's modes: {}", base::errno_text(errno));
    }
    screen->is_raw_ = true;
  }
  screen->hold_stderr();
  if (auto entered = write_all(out, kEnter); !entered) return base::pass_on(entered);
  return screen;
}

// There is nobody to tell what fails.
Screen::~Screen() {
  (void)write_all(out_, kLeave);
  if (is_raw_) (void)::tcsetattr(in_, TCSADRAIN, &modes_);
  release_stderr();
}

base::Result<void> Screen::draw(const Lines& lines, const Size& size, Colours colours) {
  std::string bytes(kToTop);
  for (std::size_t i = 0; i < lines.size(); ++i) {
    if (i > 0) bytes += "\r\n";
    bytes += write_line(lines[i], size.columns, colours);
    bytes += kEndOfLine;
  }
  bytes += kEndOfPage;
  return write_all(out_, bytes);
}

void Screen::hold_stderr() {
  if (::isatty(STDERR_FILENO) != 1) return;
  held_ = base::UniqueFd(::memfd_create("stderr", MFD_CLOEXEC));
  stderr_ = base::UniqueFd(::fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3));
  if (!held_ || !stderr_ || ::dup2(held_.get(), STDERR_FILENO) < 0) stderr_ = {};
}

void Screen::release_stderr() {
  if (!stderr_) return;
  ::dup2(stderr_.get(), STDERR_FILENO);
  std::array<char, 4096> buffer;
  std::size_t at = 0;
  while (at < kMaxHeldBytes) {
    const ssize_t length =
        ::pread(held_.get(), buffer.data(), buffer.size(), static_cast<off_t>(at));
    if (length <= 0) return;
    at += static_cast<std::size_t>(length);
    (void)write_all(stderr_.get(), {buffer.data(), static_cast<std::size_t>(length)});
  }
}

}  // namespace terminal
