#include "service/notifier.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <string>

#include "base/unique_fd.h"

namespace service {
namespace {

using ::testing::HasSubstr;
using ::testing::MatchesRegex;
using ::testing::StartsWith;

// A manager of our own, at a path or at a name of the abstract namespace.
class Manager {
 public:
  explicit Manager(const std::string& address) {
    sockaddr_un at{};
    at.sun_family = AF_UNIX;
    std::memcpy(at.sun_path, address.data(), address.size());
    std::size_t size = offsetof(sockaddr_un, sun_path) + address.size();
    if (address.front() == '@') {
      at.sun_path[0] = '\0';
    } else {
      ++size;
    }
    socket_ = base::UniqueFd(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    bound_ =
        ::bind(socket_.get(), reinterpret_cast<sockaddr*>(&at), static_cast<socklen_t>(size)) == 0;
  }

  bool bound() const { return bound_; }

  // The next message; "" where none comes.
  std::string take() const {
    pollfd waits{socket_.get(), POLLIN, 0};
    if (::poll(&waits, 1, 10'000) != 1) return "";
    std::array<char, 4096> bytes{};
    const ssize_t size = ::recv(socket_.get(), bytes.data(), bytes.size(), 0);
    return size > 0 ? std::string(bytes.data(), static_cast<std::size_t>(size)) : "";
  }

  // The next message that begins so, past all others.
  std::string take_next(const std::string& begin) const {
    for (;;) {
      std::string message = take();
      if (message.empty() || message.rfind(begin, 0) == 0) return message;
    }
  }

 private:
  base::UniqueFd socket_;
  bool bound_ = false;
};

class NotifierTest : public ::testing::Test {
 protected:
  NotifierTest() {
    std::string pattern = (std::filesystem::temp_directory_path() / "notify.XXXXXX").string();
    directory_ = ::mkdtemp(pattern.data());
  }
  ~NotifierTest() override { std::filesystem::remove_all(directory_); }

  std::string path() const { return directory_ + "/socket"; }

  Questions questions() {
    return {[this] { return "watching " + std::to_string(watched_.load()) + " processes"; },
            [this] {
              return Turns{turns_.load(), turns_.load()};
            },
            [this] { ++turns_; }};
  }

  std::string directory_;
  std::atomic<int> watched_{3};
  std::atomic<std::uint64_t> turns_{0};
};

TEST_F(NotifierTest, SaysReadyWithItsStatus) {
  const Manager manager(path());
  ASSERT_TRUE(manager.bound());
  const auto notifier = Notifier::start({path(), {}}, questions());
  ASSERT_TRUE(notifier) << notifier.error().message;
  EXPECT_EQ(manager.take(), "READY=1\nSTATUS=watching 3 processes");
}

TEST_F(NotifierTest, SpeaksToAnAbstractName) {
  const std::string name = "@valkyria_test_" + std::to_string(::getpid());
  const Manager manager(name);
  ASSERT_TRUE(manager.bound());
  const auto notifier = Notifier::start({name, {}}, questions());
  ASSERT_TRUE(notifier) << notifier.error().message;
  EXPECT_THAT(manager.take(), StartsWith("READY=1"));
}

TEST_F(NotifierTest, SaysItsStatusWhenItChanges) {
  const Manager manager(path());
  const auto notifier = Notifier::start({path(), {}}, questions());
  ASSERT_TRUE(notifier);
  EXPECT_THAT(manager.take(), StartsWith("READY=1"));
  watched_ = 4;
  EXPECT_EQ(manager.take(), "STATUS=watching 4 processes");
}

TEST_F(NotifierTest, BeatsWhileAllPartsTurn) {
  const Manager manager(path());
  const auto notifier = Notifier::start({path(), std::chrono::microseconds(30'000)}, questions());
  ASSERT_TRUE(notifier);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(manager.take_next("WATCHDOG=1"), "WATCHDOG=1");
  EXPECT_GE(turns_.load(), 2U) << "nobody was woken";
}

TEST_F(NotifierTest, TellsOfAReloadByItsMoment) {
  const Manager manager(path());
  const auto notifier = Notifier::start({path(), {}}, questions());
  ASSERT_TRUE(notifier);
  (*notifier)->tell_reloading();
  EXPECT_THAT(manager.take_next("RELOADING"), MatchesRegex("RELOADING=1\nMONOTONIC_USEC=[0-9]+"));
  (*notifier)->tell_ready();
  EXPECT_THAT(manager.take_next("READY"), StartsWith("READY=1"));
}

TEST_F(NotifierTest, SaysNothingAfterStopping) {
  const Manager manager(path());
  {
    const auto notifier = Notifier::start({path(), std::chrono::microseconds(30'000)}, questions());
    ASSERT_TRUE(notifier);
    (*notifier)->tell_stopping();
    (*notifier)->tell_ready();
  }
  std::string last;
  // Of a message of our own it is known that it is the last.
  ASSERT_TRUE(NotifySocket::open(path())->send("END"));
  for (std::string message = manager.take(); message != "END"; message = manager.take()) {
    ASSERT_FALSE(message.empty());
    last = message;
  }
  EXPECT_THAT(last, AnyOf(StartsWith("STOPPING=1"), "WATCHDOG=1")) << "one may be on its way";
}

TEST_F(NotifierTest, LivesWithoutAnybodyWhoListens) {
  const auto notifier = Notifier::start({path(), {}}, questions());
  ASSERT_TRUE(notifier) << notifier.error().message;
  (*notifier)->tell_ready();
}

TEST_F(NotifierTest, RefusesWhatIsNoAddress) {
  const auto relative = Notifier::start({"run/notify", {}}, questions());
  ASSERT_FALSE(relative);
  EXPECT_THAT(relative.error().message, HasSubstr("NOTIFY_SOCKET=\"run/notify\""));
  EXPECT_FALSE(Notifier::start({"/" + std::string(200, 'x'), {}}, questions()));
}

TEST(Heartbeat, BeatsOnlyIfAllTurned) {
  Heartbeat heart;
  EXPECT_TRUE(heart.beats({0, 0}));
  EXPECT_FALSE(heart.beats({0, 0}));
  EXPECT_FALSE(heart.beats({5, 0}));
  EXPECT_TRUE(heart.beats({5, 1}));
  EXPECT_FALSE(heart.beats({5, 2}));
}

TEST(ServiceEnvironment, TakesWhatIsMeantForUs) {
  const Environment environment = parse_environment("/run/notify", "30000000", "4711", 4711);
  EXPECT_EQ(environment.notify_socket, "/run/notify");
  EXPECT_EQ(environment.watchdog, std::chrono::seconds(30));
  EXPECT_TRUE(parse_environment("/run/notify", "30000000", nullptr, 1).watchdog);
}

TEST(ServiceEnvironment, LeavesWhatIsForAnotherOrIsNoNumber) {
  EXPECT_FALSE(parse_environment("/run/notify", "30000000", "1", 4711).watchdog);
  EXPECT_FALSE(parse_environment("/run/notify", "soon", nullptr, 1).watchdog);
  EXPECT_FALSE(parse_environment("/run/notify", "0", nullptr, 1).watchdog);
  EXPECT_FALSE(parse_environment("/run/notify", "-5", nullptr, 1).watchdog);
  EXPECT_TRUE(parse_environment(nullptr, "30000000", nullptr, 1).notify_socket.empty());
}

}  // namespace
}  // namespace service
