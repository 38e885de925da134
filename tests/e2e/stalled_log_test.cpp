// Whoever reads our stderr may stall; nobody else may notice.
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <regex>
#include <stdexcept>
#include <string>

#include "exporter.h"

namespace e2e {
namespace {

// A pipe that is the test's own stderr, and so that of programs that it starts, for as long as this
// lives.
class StderrPipe {
 public:
  StderrPipe() : before_(::dup(STDERR_FILENO)) {
    if (::pipe2(ends_.data(), O_CLOEXEC) != 0) throw std::runtime_error("no pipe");
    ::dup2(ends_[1], STDERR_FILENO);
  }
  ~StderrPipe() {
    ::dup2(before_, STDERR_FILENO);
    for (const int fd : {before_, ends_[0], ends_[1]}) ::close(fd);
  }
  StderrPipe(const StderrPipe&) = delete;
  StderrPipe& operator=(const StderrPipe&) = delete;

  // Reads until this is there, and returns its first group.
  std::string wait_for(const std::string& expression) {
    std::smatch match;
    while (!std::regex_search(read_, match, std::regex(expression))) {
      std::array<char, 4096> bytes{};
      const ssize_t count = ::read(ends_[0], bytes.data(), bytes.size());
      if (count <= 0) throw std::runtime_error("no " + expression + " in: " + read_);
      read_.append(bytes.data(), static_cast<std::size_t>(count));
    }
    return match[1];
  }

  void fill() {
    const int flags = ::fcntl(ends_[1], F_GETFL);
    ::fcntl(ends_[1], F_SETFL, flags | O_NONBLOCK);
    const std::string page(4096, '.');
    while (::write(ends_[1], page.data(), page.size()) > 0) {
    }
    ::fcntl(ends_[1], F_SETFL, flags);
  }

 private:
  int before_;
  std::array<int, 2> ends_{};
  std::string read_;
};

using StalledLog = EndToEnd;

TEST_F(StalledLog, DisturbsNeitherScrapesNorWatchingNorTheEnd) {
  Puppet puppet;
  StderrPipe error;
  test::ChildProcess exporter(exporter_path(),
                              {"--pid", std::to_string(puppet.pid()), "--log.level", "debug",
                               "--web.listen-address", "127.0.0.1:0", "--cache-dir", ""});
  const auto port = static_cast<std::uint16_t>(
      std::stoi(error.wait_for("serving on http://127\\.0\\.0\\.1:([0-9]+)/")));
  error.fill();
  EXPECT_EQ(test::get(port, "/metrics").status, 200);
  // An end is logged, by the thread that has to tell it to all others.
  puppet.process.signal(SIGKILL);
  ASSERT_TRUE(puppet.process.wait(test::soon()));
  EXPECT_TRUE(test::wait_until(test::soon(), [&] {
    return test::get(port, "/metrics").body.find("\nvalkyria_up 0\n") != std::string::npos;
  }));
  for (int i = 0; i < 100; ++i) EXPECT_EQ(test::get(port, "/metrics").status, 200);
  const auto start = std::chrono::steady_clock::now();
  exporter.signal(SIGTERM);
  const auto status = exporter.wait(test::soon());
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(3));
  EXPECT_EQ(status, (test::ExitStatus{.signalled = false, .code = 0}));
}

TEST_F(StalledLog, DoesNotKeepAFailingStartFromEnding) {
  StderrPipe error;
  error.fill();
  test::ChildProcess exporter(exporter_path(), {"--web.listen-address", "nowhere"});
  const auto status = exporter.wait(test::soon());
  EXPECT_EQ(status, (test::ExitStatus{.signalled = false, .code = 2}));
}

}  // namespace
}  // namespace e2e
