// The log of a process of its own, whose stderr is read late, never, or not at all.
#include "base/log.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <functional>
#include <optional>
#include <regex>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

#include "base/unique_fd.h"
#include "support/deadline.h"

namespace {

using testing::ElementsAre;
using testing::EndsWith;
using testing::SizeIs;

struct Pipe {
  Pipe() {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) throw std::runtime_error("no pipe");
    read_end = base::UniqueFd(ends[0]);
    write_end = base::UniqueFd(ends[1]);
  }

  // Until nothing more fits. Returns how much that was.
  std::size_t fill() const {
    const int flags = ::fcntl(write_end.get(), F_GETFL);
    ::fcntl(write_end.get(), F_SETFL, flags | O_NONBLOCK);
    const std::string page(4096, '.');
    std::size_t bytes = 0;
    while (::write(write_end.get(), page.data(), page.size()) > 0) bytes += page.size();
    ::fcntl(write_end.get(), F_SETFL, flags);
    return bytes;
  }

  // The next line, without its end; nothing at the end of the pipe or after a while.
  std::optional<std::string> read_line() {
    for (;;) {
      if (const auto end = unread.find('\n'); end != std::string::npos) {
        std::string line = unread.substr(0, end);
        unread.erase(0, end + 1);
        return line;
      }
      pollfd readable{read_end.get(), POLLIN, 0};
      if (::poll(&readable, 1, test::milliseconds_until(test::soon())) <= 0) return std::nullopt;
      std::array<char, 65536> bytes{};
      const ssize_t count = ::read(read_end.get(), bytes.data(), bytes.size());
      if (count <= 0) return std::nullopt;
      unread.append(bytes.data(), static_cast<std::size_t>(count));
    }
  }

  std::vector<std::string> read_lines() {
    std::vector<std::string> lines;
    while (auto line = read_line()) lines.push_back(std::move(*line));
    return lines;
  }

  base::UniqueFd read_end;
  base::UniqueFd write_end;
  std::string unread;
};

// A child that logs; its stderr is a pipe. It dies with this object.
class Logging {
 public:
  using Body = std::function<void(Logging&)>;

  explicit Logging(bool full, const Body& body) {
    if (full) filled_ = error.fill();
    pid_ = ::fork();
    if (pid_ == 0) {
      ::dup2(error.write_end.get(), STDERR_FILENO);
      error.read_end = {};
      told.write_end = {};
      body(*this);
      ::_exit(0);
    }
    pid_fd_ = base::UniqueFd(static_cast<int>(::syscall(SYS_pidfd_open, pid_, 0)));
    told.read_end = {};
    answers.write_end = {};
  }
  ~Logging() {
    ::kill(pid_, SIGKILL);
    int status = 0;
    ::waitpid(pid_, &status, 0);
    // A sanitizer tells what it finds to a stderr that most tests don't read, and ends the child.
    EXPECT_FALSE(WIFEXITED(status) && WEXITSTATUS(status) != 0) << WEXITSTATUS(status);
  }
  Logging(const Logging&) = delete;
  Logging& operator=(const Logging&) = delete;

  // Said and heard by the child.
  void answer(const std::string& line) const {
    const std::string text = line + '\n';
    EXPECT_EQ(::write(answers.write_end.get(), text.data(), text.size()),
              static_cast<ssize_t>(text.size()));
  }
  void wait_until_told() const {
    char byte = 0;
    EXPECT_EQ(::read(told.read_end.get(), &byte, 1), 0);
  }

  // Said and heard by the test.
  std::string next_answer() { return answers.read_line().value_or("no answer"); }
  void tell() { told.write_end = {}; }
  bool ends_within(std::chrono::milliseconds time) const {
    pollfd ended{pid_fd_.get(), POLLIN, 0};
    return ::poll(&ended, 1, static_cast<int>(time.count())) == 1;
  }
  // What it wrote to stderr; the pipe ends with the child.
  std::vector<std::string> read_lines() {
    error.write_end = {};
    skip_filling();
    return error.read_lines();
  }
  // Makes a full pipe one that has room.
  void skip_filling() {
    std::string filling(filled_, '\0');
    for (std::size_t got = 0; got < filled_;) {
      const ssize_t count = ::read(error.read_end.get(), filling.data() + got, filled_ - got);
      if (count <= 0) throw std::runtime_error("what fills the pipe can't be read");
      got += static_cast<std::size_t>(count);
    }
    filled_ = 0;
  }

  Pipe error;

 private:
  Pipe told;
  Pipe answers;
  std::size_t filled_ = 0;
  pid_t pid_ = -1;
  base::UniqueFd pid_fd_;
};

std::vector<std::string> lines_of(const std::string& format, const std::string& message) {
  Logging child(false, [&](Logging&) {
    const auto log = base::Log::start("info", format);
    base::log_warn("{}", message);
  });
  return child.read_lines();
}

std::uint64_t missing_in(const std::string& line) {
  std::smatch match;
  if (!std::regex_search(line, match, std::regex(" warn ([0-9]+) log lines are missing"))) {
    return 0;
  }
  return std::stoull(match[1]);
}

TEST(Log, NeverWaitsForAFullPipeAndTellsWhatIsMissing) {
  constexpr std::uint64_t kLines = 10'000;
  Logging child(true, [](Logging& self) {
    const auto log = base::Log::start("debug", "text");
    const auto start = std::chrono::steady_clock::now();
    for (std::uint64_t i = 0; i < kLines; ++i) base::log_debug("line {}", i);
    const auto took = std::chrono::steady_clock::now() - start;
    self.answer(
        std::to_string(std::chrono::duration_cast<std::chrono::milliseconds>(took).count()));
    self.answer(std::to_string(base::dropped_log_lines()));
    self.wait_until_told();
    base::log_info("the last line");
  });
  EXPECT_LT(std::stoi(child.next_answer()), 10'000);
  const std::uint64_t dropped = std::stoull(child.next_answer());
  // In the queue, and one in the hand of who writes.
  EXPECT_GE(dropped, kLines - 1'001);
  EXPECT_LT(dropped, kLines);
  // Whoever shares the open file would see it.
  EXPECT_EQ(::fcntl(child.error.write_end.get(), F_GETFL) & O_NONBLOCK, 0);
  child.skip_filling();
  for (std::uint64_t i = 0; i < kLines - dropped; ++i) {
    ASSERT_THAT(child.error.read_line(),
                testing::Optional(EndsWith(" debug line " + std::to_string(i))));
  }
  EXPECT_EQ(missing_in(child.error.read_line().value_or("")), dropped);
  child.tell();
  EXPECT_THAT(child.read_lines(), ElementsAre(EndsWith(" info the last line")));
}

TEST(Log, IsBoundedByBytesToo) {
  Logging child(true, [](Logging& self) {
    const auto log = base::Log::start("debug", "text");
    for (int i = 0; i < 20; ++i) base::log_info("{}", std::string(100'000, 'x'));
    self.answer(std::to_string(base::dropped_log_lines()));
  });
  EXPECT_GE(std::stoi(child.next_answer()), 9);
}

TEST(Log, EndsWhileThePipeIsFull) {
  const Logging child(true, [](Logging&) {
    const auto log = base::Log::start("info", "text");
    base::log_info("nobody reads this");
  });
  EXPECT_TRUE(child.ends_within(std::chrono::seconds(5)));
}

// It says that it is writable while it takes less than a line: write() itself hangs.
TEST(Log, EndsWhileATerminalIsStopped) {
  Logging child(false, [](Logging& self) {
    const int terminal = ::posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
    ::grantpt(terminal);
    ::unlockpt(terminal);
    const base::UniqueFd user(::open(::ptsname(terminal), O_RDWR | O_NOCTTY | O_CLOEXEC));
    ::dup2(user.get(), STDERR_FILENO);
    const auto log = base::Log::start("info", "text");
    for (int i = 0; i < 100; ++i) base::log_info("{}", std::string(4'000, 'x'));
    self.answer(::isatty(STDERR_FILENO) != 0 ? "logged" : "no terminal");
  });
  EXPECT_EQ(child.next_answer(), "logged");
  EXPECT_TRUE(child.ends_within(std::chrono::seconds(5)));
}

TEST(Log, WritesWhatIsQueuedBeforeItEnds) {
  Logging child(false, [](Logging&) {
    const auto log = base::Log::start("info", "text");
    for (int i = 0; i < 500; ++i) base::log_info("line {}", i);
    (*log)->write_line("the last word");
  });
  const std::vector<std::string> lines = child.read_lines();
  ASSERT_THAT(lines, SizeIs(501));
  for (std::size_t i = 0; i < 500; ++i) {
    EXPECT_THAT(lines[i], EndsWith(" info line " + std::to_string(i)));
  }
  EXPECT_EQ(lines.back(), "the last word");
}

TEST(Log, WritesLinesThatAreLongerThanAPipeTakesAtOnce) {
  const std::string message(200'000, 'x');
  EXPECT_THAT(lines_of("text", message), ElementsAre(EndsWith(" warn " + message)));
}

TEST(Log, OneMessageIsOneLine) {
  const std::string name = "a\nb\rc\x1b[31m \xC2\x9B \"\\ \xC3\xA4 \xFF";
  EXPECT_THAT(lines_of("text", name),
              ElementsAre(EndsWith(" warn a\\nb\\x0dc\\x1b[31m \\xc2\\x9b \"\\ \xC3\xA4 \\xff")));
  EXPECT_THAT(lines_of("json", name),
              ElementsAre(EndsWith("\"level\":\"warn\",\"message\":\"a\\u000ab\\u000dc\\u001b[31m "
                                   "\\u009b \\\"\\\\ \xC3\xA4 \xEF\xBF\xBD\"}")));
}

TEST(Log, LastWordIsOneLineToo) {
  Logging child(false, [](Logging&) {
    const auto log = base::Log::start("info", "text");
    (*log)->write_line("it failed: a\nb\xFF");
  });
  EXPECT_THAT(child.read_lines(), ElementsAre("it failed: a\\nb\\xff"));
}

// Whatever the machine's own zone is.
TEST(Log, TimesAreUtcAndSaySo) {
  ::setenv("TZ", "Asia/Kolkata", 1);
  ::tzset();
  const std::string time = "[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\\.[0-9]{3}Z";
  const std::time_t before = std::time(nullptr);
  const std::vector<std::string> text = lines_of("text", "now");
  const std::vector<std::string> json = lines_of("json", "now");
  ::unsetenv("TZ");
  ::tzset();
  ASSERT_THAT(text, SizeIs(1));
  EXPECT_TRUE(std::regex_match(text[0], std::regex(time + " warn now"))) << text[0];
  ASSERT_THAT(json, SizeIs(1));
  EXPECT_TRUE(std::regex_match(
      json[0], std::regex(R"(\{"time":")" + time + R"(","level":"warn","message":"now"\})")))
      << json[0];
  std::tm told{};
  ASSERT_NE(::strptime(text[0].c_str(), "%Y-%m-%dT%H:%M:%S", &told), nullptr);
  EXPECT_GE(::timegm(&told), before);
  EXPECT_LE(::timegm(&told), std::time(nullptr));
}

TEST(Log, WritesWhatIsOfItsLevelAndFormatsItOnce) {
  Logging child(false, [](Logging&) {
    const auto log = base::Log::start("info", "text");
    base::log_debug("not asked for");
    base::log_info("{} of {}", 1, "{}");
    base::log_error("{:04x}", 255);
    base::log_critical("no argument");
  });
  EXPECT_THAT(child.read_lines(), ElementsAre(EndsWith(" info 1 of {}"), EndsWith(" error 00ff"),
                                              EndsWith(" critical no argument")));
}

TEST(Log, RefusesWordsThatItDoesNotKnow) {
  const auto level = base::Log::start("loud", "text");
  ASSERT_FALSE(level);
  EXPECT_EQ(level.error().message, "log level \"loud\": use debug, info, warn or error");
  const auto format = base::Log::start("info", "xml");
  ASSERT_FALSE(format);
  EXPECT_EQ(format.error().message, "log format \"xml\": use text or json");
}

TEST(Log, ClosedDescriptorIsTakenByNoFileOfOurs) {
  Logging child(false, [](Logging& self) {
    ::close(STDERR_FILENO);
    {
      const auto log = base::Log::start("info", "text");
      const base::UniqueFd file(::open("/dev/null", O_WRONLY | O_CLOEXEC));
      self.answer(file.get() > STDERR_FILENO ? "kept" : "taken");
      base::log_info("to nobody");
    }
    self.answer(std::to_string(base::dropped_log_lines()));
  });
  EXPECT_EQ(child.next_answer(), "kept");
  EXPECT_EQ(child.next_answer(), "1");
}

TEST(Log, CountsWhatNobodyIsThereToRead) {
  Logging child(false, [](Logging& self) {
    self.wait_until_told();
    {
      const auto log = base::Log::start("info", "text");
      base::log_info("to nobody");
    }
    self.answer(std::to_string(base::dropped_log_lines()));
  });
  child.error.read_end = {};
  child.error.write_end = {};
  child.tell();
  EXPECT_EQ(child.next_answer(), "1");
}

// The statuses of the other threads of this process: the one that writes, and a sanitizer's own.
std::vector<std::string> statuses_of_other_threads() {
  std::vector<std::string> statuses;
  for (const auto& task : std::filesystem::directory_iterator("/proc/self/task")) {
    if (task.path().filename() == std::to_string(::getpid())) continue;
    std::stringstream text;
    text << std::ifstream(task.path() / "status").rdbuf();
    statuses.push_back(text.str());
  }
  return statuses;
}

bool has_no_capability_and_takes_no_signal(const std::string& status) {
  return status.find("CapPrm:\t0000000000000000") != std::string::npos &&
         status.find("CapEff:\t0000000000000000") != std::string::npos &&
         // All but SIGKILL, SIGSTOP, and the two that the C library keeps for itself.
         status.find("SigBlk:\tfffffffe7ffbfeff") != std::string::npos;
}

TEST(Log, WritingThreadHasNoCapabilityAndTakesNoSignal) {
  Logging child(false, [](Logging& self) {
    const auto log = base::Log::start("info", "text");
    const bool right = test::wait_until(test::soon(), [] {
      return std::ranges::any_of(statuses_of_other_threads(),
                                 has_no_capability_and_takes_no_signal);
    });
    self.answer(right ? "none" : testing::PrintToString(statuses_of_other_threads()));
  });
  EXPECT_EQ(child.next_answer(), "none");
}

}  // namespace
