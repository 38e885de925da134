// What the exporter makes of the child that reads debug information, whatever becomes of that
// child.
#include "layout/layout_resolution.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <string>

#include "base/unique_fd.h"
#include "layout_behaviours.h"
#include "state/layout_text.h"

namespace {

using testing::HasSubstr;

void say(const std::string& text) {
  std::fputs(text.c_str(), stdout);
  std::fflush(stdout);
}

[[noreturn]] void hang() {
  while (true) ::pause();
}

const test::AddBehaviour kBehaviours[]{
    {"honest",
     [](const auto&) {
       say(state::write_layout({"minivalk", "12", {}, {{"path", "reason"}}}));
       return 0;
     }},
    {"refuses",
     [](const auto&) {
       say("no debug information\nand a second line\n");
       return 1;
     }},
    {"refuses silently", [](const auto&) { return 1; }},
    {"crashes",
     [](const auto&) {
       std::signal(SIGSEGV, SIG_DFL);
       ::raise(SIGSEGV);
       return 0;
     }},
    {"crashes while it writes",
     [](const auto&) {
       say("{\"format\": 1,");
       ::raise(SIGKILL);
       return 0;
     }},
    {"writes nothing", [](const auto&) { return 0; }},
    {"writes nonsense",
     [](const auto&) {
       say("nonsense");
       return 0;
     }},
    {"writes for ever",
     [](const auto&) {
       while (true) say(std::string(4096, 'x'));
       return 0;
     }},
    {"hangs",
     [](const auto&) {
       hang();
       return 0;
     }},
    {"hangs after its answer",
     [](const auto&) {
       say(state::write_layout({"minivalk", "12", {}, {}}));
       ::close(STDOUT_FILENO);
       hang();
       return 0;
     }},
    {"tells its input",
     [](const auto&) {
       char letter = 0;
       const bool has_file = ::read(layout::kResolvedFd, &letter, 1) == 1;
       say(has_file ? std::string("it begins with ") + letter : "it has no file");
       return 1;
     }},
};

class ResolveInChild : public testing::Test {
 protected:
  ~ResolveInChild() override {
    // Nobody is left, dead or alive.
    EXPECT_EQ(::waitpid(-1, nullptr, WNOHANG), -1);
    EXPECT_EQ(errno, ECHILD);
  }

  base::Result<state::Layout> resolve(const std::string& behaviour,
                                      std::chrono::milliseconds max_time = layout::kResolveTime) {
    return layout::resolve_in_child(executable_.get(), behaviour, {}, max_time);
  }

  std::string message(const std::string& behaviour,
                      std::chrono::milliseconds max_time = layout::kResolveTime) {
    const auto layout = resolve(behaviour, max_time);
    return layout ? "resolved" : layout.error().message;
  }

  const base::UniqueFd executable_{::open("/proc/self/exe", O_RDONLY | O_CLOEXEC)};
};

TEST_F(ResolveInChild, TakesTheLayoutThatItWrites) {
  const auto layout = resolve("honest");
  ASSERT_TRUE(layout) << layout.error().message;
  EXPECT_EQ(layout->name, "minivalk");
  EXPECT_EQ(layout->build_id, "12");
  EXPECT_EQ(layout->missing.size(), 1u);
}

TEST_F(ResolveInChild, PassesTheFirstLineOfItsRefusalOn) {
  EXPECT_EQ(message("refuses"), "no debug information");
}

TEST_F(ResolveInChild, SaysThatItRefusedWhereItDoesNotSayWhy) {
  EXPECT_EQ(message("refuses silently"),
            "resolve the layout of refuses silently: the process for it ended with code 1 and no "
            "word");
}

TEST_F(ResolveInChild, SaysThatItCrashed) {
  EXPECT_THAT(message("crashes"), HasSubstr("makes libdw crash (signal 11)"));
  EXPECT_THAT(message("crashes while it writes"), HasSubstr("makes libdw crash (signal 9)"));
}

TEST_F(ResolveInChild, TakesNothingThatIsNoLayout) {
  EXPECT_THAT(message("writes nothing"), HasSubstr("parse a layout: "));
  EXPECT_THAT(message("writes nonsense"), HasSubstr("parse a layout: "));
}

TEST_F(ResolveInChild, EndsAChildThatWritesWithoutEnd) {
  EXPECT_NE(message("writes for ever"), "resolved");
}

TEST_F(ResolveInChild, EndsAChildThatHangs) {
  for (const char* behaviour : {"hangs", "hangs after its answer"}) {
    EXPECT_THAT(message(behaviour, std::chrono::milliseconds(300)), HasSubstr("no answer within"));
  }
}

TEST_F(ResolveInChild, GivesItTheExecutableWhateverItsDescriptorIs) {
  EXPECT_EQ(message("tells its input"), "it begins with \x7f");
  ASSERT_EQ(::lseek(executable_.get(), 0, SEEK_SET), 0);
  const base::UniqueFd high(::fcntl(executable_.get(), F_DUPFD_CLOEXEC, 200));
  const auto layout = layout::resolve_in_child(high.get(), "tells its input", {});
  ASSERT_FALSE(layout);
  EXPECT_EQ(layout.error().message, "it begins with \x7f");
}

}  // namespace

int main(int argc, char** argv) {
  if (argc > 3 && std::string(argv[1]) == layout::kResolveConfined) {
    const std::filesystem::path executable = argv[3];
    const std::string name = executable.filename().string();
    return test::behaviours().at(name.substr(0, name.find('.')))(executable);
  }
  testing::InitGoogleMock(&argc, argv);
  return RUN_ALL_TESTS();
}
