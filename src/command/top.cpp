#include "command/top.h"

#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstddef>
#include <memory>
#include <string_view>
#include <utility>

#include "agent/agent.h"
#include "base/clock.h"
#include "base/unique_fd.h"
#include "command/end_signals.h"
#include "command/print.h"
#include "command/top_feed.h"
#include "terminal/page.h"
#include "terminal/screen.h"

namespace command {
namespace {

using std::chrono::milliseconds;

constexpr const char* kDefaultPath = "/metrics";
constexpr milliseconds kInterval{1'000};
constexpr milliseconds kReadyInterval{50};
constexpr int kReadyTries = 200;

struct Target {
  std::unique_ptr<agent::Agent> own;  // where it was started here
  http::Url url;
};

bool is_selected(const ProcessOptions& process, const ServeOptions& selection) {
  return process.pid > 0 || !selection.executables.empty() || !selection.names.empty() ||
         !selection.cgroups.empty() || !selection.units.empty();
}

base::Result<Target> start_target(const ProcessOptions& process, const ServeOptions& selection,
                                  const TopOptions& options) {
  if (!is_selected(process, selection)) {
    auto url = http::parse_url(options.url);
    if (!url) return base::pass_on(url);
    if (url->path == "/") url->path = kDefaultPath;
    return Target{nullptr, std::move(*url)};
  }
  auto config = agent_config(process, selection);
  if (!config) return base::pass_on(config);
  config->watch.keeps_names = false;
  config->web = {};
  config->web.addresses = {{"127.0.0.1", 0}};
  auto own = agent::Agent::start(*config);
  if (!own) return base::pass_on(own);
  const http::ListenAddress address = (*own)->addresses().front();
  return Target{std::move(*own), {address.host, address.port, kDefaultPath}};
}

// Also those that end a terminal and change its size; blocked, before threads start.
sigset_t block_signals() {
  sigset_t signals = block_end_signals();
  sigaddset(&signals, SIGHUP);
  sigaddset(&signals, SIGWINCH);
  ::pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  return signals;
}

// Whether a signal asks for the end within that time.
bool is_ended_within(sigset_t signals, milliseconds time) {
  const auto deadline = std::chrono::steady_clock::now() + time;
  while (true) {
    const auto left = std::chrono::duration_cast<std::chrono::nanoseconds>(
        deadline - std::chrono::steady_clock::now());
    if (left.count() <= 0) return false;
    const timespec wait{left.count() / 1'000'000'000, left.count() % 1'000'000'000};
    const int signal = ::sigtimedwait(&signals, nullptr, &wait);
    if (signal > 0 && signal != SIGWINCH) return true;
  }
}

// What was started here finds its processes a moment later.
bool is_ended_before_ready(const Target& target, const sigset_t& signals) {
  if (!target.own) return false;
  http::Client client(target.url);
  for (int i = 0; i < kReadyTries && !client.get("/-/ready"); ++i) {
    if (is_ended_within(signals, kReadyInterval)) return true;
  }
  return false;
}

terminal::PageInput page_input(const Target& target, Fed fed, const terminal::Choice& choice) {
  terminal::PageInput input;
  input.source = target.own ? "attached by itself" : text_of(target.url);
  input.before = std::move(fed.before);
  input.now = std::move(fed.now);
  input.pauses = std::move(fed.pauses);
  input.no_pauses = std::move(fed.no_pauses);
  input.trouble = std::move(fed.trouble);
  input.choice = choice;
  input.unix_seconds = static_cast<double>(base::unix_ns()) / 1e9;
  if (input.now) {
    input.age_seconds =
        std::chrono::duration<double>(std::chrono::steady_clock::now() - input.now->taken).count();
  }
  return input;
}

terminal::Choice choice_of(const TopOptions& options) {
  terminal::Choice choice;
  if (options.process.empty()) return choice;
  choice.opened = options.process;
  choice.is_fixed = true;
  return choice;
}

// All rows, however many the terminal has: whoever asks for one page wants all of it.
base::Result<void> print_page(terminal::PageInput input) {
  input.is_once = true;
  terminal::Size size = terminal::size_of(STDOUT_FILENO);
  size.rows = 0;
  return print(
      write_lines(write_page(input, size), size.columns, terminal::colours_for(STDOUT_FILENO)));
}

base::Result<int> print_once(const Target& target, const TopOptions& options,
                             const sigset_t& signals) {
  if (is_ended_before_ready(target, signals)) return 0;
  TopSource source(target.url);
  for (int i = 0; i < 2; ++i) {
    if (i > 0 && is_ended_within(signals, kInterval)) return 0;
    source.ask();
    if (!source.fed().trouble.empty()) {
      return base::fail("{} (is an exporter there? Give its URL, or --pid N to do without)",
                        source.fed().trouble);
    }
  }
  const terminal::Choice choice = choice_of(options);
  if (choice.opened && choice.shown(*source.fed().now) == nullptr) {
    return base::fail("top of process \"{}\": it is not watched", options.process);
  }
  if (auto printed = print_page(page_input(target, source.fed(), choice)); !printed) {
    return base::pass_on(printed);
  }
  return 0;
}

// Page after page, and keys between them. A stdout that is no terminal gets all pages one after
// the other.
class Session {
 public:
  static base::Result<int> run(const Target& target, const TopOptions& options,
                               const sigset_t& signals) {
    Session session(target, options, signals);
    if (!session.signals_) return base::fail("signalfd: {}", base::errno_text(errno));
    if (auto opened = session.open_screen(); !opened) return base::pass_on(opened);
    auto ended = session.show();
    session.screen_.reset();  // before waiting for who is being asked
    if (!ended) return base::pass_on(ended);
    return 0;
  }

 private:
  Session(const Target& target, const TopOptions& options, const sigset_t& signals)
      : target_(target),
        signals_(::signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK)),
        choice_(choice_of(options)),
        feed_(target.url) {}

  base::Result<void> open_screen() {
    if (::isatty(STDOUT_FILENO) != 1) return {};
    auto screen = terminal::Screen::open(STDIN_FILENO, STDOUT_FILENO);
    if (!screen) return base::pass_on(screen);
    screen_ = std::move(*screen);
    return {};
  }

  base::Result<void> show() {
    const bool has_keys = screen_ && ::isatty(STDIN_FILENO) == 1;
    while (!is_ended_) {
      if (auto drawn = draw(); !drawn) return drawn;
      std::array<pollfd, 3> waits{pollfd{signals_.get(), POLLIN, 0}, pollfd{feed_.fd(), POLLIN, 0},
                                  pollfd{has_keys ? STDIN_FILENO : -1, POLLIN, 0}};
      // The clock and the age of the numbers go on also where nobody answers.
      (void)::poll(waits.data(), waits.size(), static_cast<int>(kInterval.count()));
      if (waits[0].revents != 0) take_signals();
      is_new_ = waits[1].revents != 0;
      if (is_new_) fed_ = feed_.take();
      if (waits[2].revents != 0) {
        if (auto taken = take_keys(); !taken) return taken;
      }
    }
    return {};
  }

  base::Result<void> draw() {
    terminal::PageInput input = page_input(target_, fed_, choice_);
    if (!screen_) return is_new_ ? print_page(std::move(input)) : base::Result<void>{};
    const terminal::Size size = terminal::size_of(STDOUT_FILENO);
    return screen_->draw(write_page(input, size), size, terminal::colours_for(STDOUT_FILENO));
  }

  void take_signals() {
    signalfd_siginfo signal{};
    while (::read(signals_.get(), &signal, sizeof(signal)) == sizeof(signal)) {
      if (signal.ssi_signo != SIGWINCH) is_ended_ = true;
    }
  }

  base::Result<void> take_keys() {
    std::array<char, 64> bytes;
    const ssize_t length = ::read(STDIN_FILENO, bytes.data(), bytes.size());
    if (length <= 0) is_ended_ = true;  // the terminal is gone
    const std::size_t count = length > 0 ? static_cast<std::size_t>(length) : 0;
    for (const terminal::Key key : terminal::read_keys({bytes.data(), count})) {
      if (key == terminal::Key::kQuit) is_ended_ = true;
      if (key == terminal::Key::kSuspend) {
        if (auto resumed = suspend(); !resumed) return resumed;
      }
      if (fed_.now) choice_.press(key, *fed_.now);
    }
    return {};
  }

  // As Ctrl-Z does: the shell has the terminal until it continues us.
  base::Result<void> suspend() {
    screen_.reset();
    ::raise(SIGTSTP);
    return open_screen();
  }

  const Target& target_;
  base::UniqueFd signals_;
  terminal::Choice choice_;
  TopFeed feed_;
  Fed fed_;
  std::unique_ptr<terminal::Screen> screen_;
  bool is_new_ = false;
  bool is_ended_ = false;
};

}  // namespace

base::Result<int> run_top(const ProcessOptions& process, const ServeOptions& selection,
                          const TopOptions& options) {
  const sigset_t signals = block_signals();
  const auto target = start_target(process, selection, options);
  if (!target) return base::pass_on(target);
  return options.once ? print_once(*target, options, signals)
                      : Session::run(*target, options, signals);
}

}  // namespace command
