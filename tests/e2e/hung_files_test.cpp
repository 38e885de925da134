// Files and memory that no longer answer, as a dead NFS or FUSE server leaves them: whoever has
// them, others are told of as ever.
#include <fmt/core.h>
#include <sys/mount.h>

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <system_error>
#include <vector>

#include "exporter.h"
#include "places.h"
#include "support/minivalk.h"

namespace e2e {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

constexpr const char* kBindfs = "/usr/bin/bindfs";

// A FUSE mount of a directory of its own, whose server can be stopped.
class FuseMount {
 public:
  FuseMount() {
    fs::create_directories(files());
    fs::create_directories(path());
    server_ = std::make_unique<test::ChildProcess>(
        kBindfs, std::vector<std::string>{"-f", "-o", "attr_timeout=0,entry_timeout=0",
                                          files().string(), path().string()});
    if (!test::wait_until(test::soon(), [&] { return is_mounted(); })) {
      throw std::runtime_error("bindfs does not mount");
    }
  }
  // Once the server is dead, whoever waits for it gets an error.
  ~FuseMount() {
    server_.reset();
    ::umount2(path().c_str(), MNT_DETACH);
  }
  FuseMount(const FuseMount&) = delete;
  FuseMount& operator=(const FuseMount&) = delete;

  fs::path path() const { return directory_.path() / "mount"; }

  // The path, on the mount, of a copy of a program under this name.
  std::string add(const fs::path& program, const std::string& name) const {
    fs::copy_file(program, files() / name);
    return (path() / name).string();
  }

  void hang() const { server_->signal(SIGSTOP); }
  void go_on() const { server_->signal(SIGCONT); }

 private:
  fs::path files() const { return directory_.path() / "files"; }
  bool is_mounted() const {
    std::ifstream mounts("/proc/self/mounts");
    for (std::string line; std::getline(mounts, line);) {
      if (line.find(' ' + path().string() + ' ') != std::string::npos) return true;
    }
    return false;
  }

  TemporaryDirectory directory_;
  std::unique_ptr<test::ChildProcess> server_;
};

class HungFiles : public EndToEnd {
 protected:
  void SetUp() override {
    EndToEnd::SetUp();
    if (fs::exists(kBindfs) && fs::exists("/dev/fuse")) return;
    if (std::getenv("CI") != nullptr) FAIL() << "these tests need bindfs and /dev/fuse";
    GTEST_SKIP() << "these tests need bindfs and /dev/fuse";
  }
};

// Up, and read from memory.
bool is_told_whole(const test::Samples& exported, const test::Labels& of_it) {
  test::Labels state = of_it;
  state["collector"] = "state";
  return exported.sum("valkyria_up", of_it) == 1 &&
         exported.sum("valkyria_exporter_collector_success", state) == 1;
}

// 100 scrapes, each of which tells of this process. If each waited the 200 ms that one of them may
// wait for what hangs, they would take twice as long.
void expect_quick_scrapes(const Exporter& exporter, const test::Labels& of_it) {
  test::HttpConnection connection(exporter.port());
  const auto start = Clock::now();
  for (int i = 0; i < 100; ++i) {
    const test::HttpResponse response = connection.get("/metrics");
    ASSERT_EQ(response.status, 200) << i << response.body << response.problem;
    EXPECT_TRUE(is_told_whole(test::parse_prometheus(response.body), of_it)) << i;
  }
  EXPECT_LT(Clock::now() - start, std::chrono::seconds(10));
  EXPECT_EQ(exporter.get("/-/healthy").status, 200);
  EXPECT_EQ(exporter.get("/-/ready").status, 200);
}

void expect_quick_end(Exporter& exporter) {
  const auto start = Clock::now();
  exporter.process().signal(SIGTERM);
  EXPECT_EQ(exporter.process().wait(test::soon()),
            (test::ExitStatus{.signalled = false, .code = 0}));
  EXPECT_LT(Clock::now() - start, std::chrono::seconds(2));
}

test::Labels labels_of(const Exporter& exporter, pid_t pid) {
  return {{"process", name_of(exporter, pid)}};
}

// Each look that hangs takes a thread, of which there are not many.
TEST_F(HungFiles, ManyProcessesOfOneFileThatHangsHoldUpNobody) {
  const FuseMount mount;
  const auto file = mount.add("/bin/sleep", "stranger");
  std::vector<std::unique_ptr<test::ChildProcess>> strangers;
  for (int i = 0; i < 40; ++i) {
    strangers.push_back(
        std::make_unique<test::ChildProcess>(file, std::vector<std::string>{"100"}));
    const fs::path running = fmt::format("/proc/{}/exe", strangers.back()->pid());
    std::error_code error;
    ASSERT_TRUE(
        test::wait_until(test::soon(), [&] { return fs::read_symlink(running, error) == file; }));
  }
  mount.hang();
  Exporter exporter(std::vector<std::string>{});
  for (int i = 0; i < 3; ++i) {
    test::Minivalk later;
    EXPECT_TRUE(is_told_whole(exporter.metrics(), labels_of(exporter, later.pid()))) << i;
  }
  EXPECT_EQ(exporter.log().find("look at new processes"), std::string::npos) << exporter.log();
  expect_quick_end(exporter);
}

struct Selected {
  const char* name;
  std::vector<std::string> arguments;
};

class AStrangersFileHangs : public HungFiles, public testing::WithParamInterface<Selected> {};

TEST_P(AStrangersFileHangs, AndNobodyElseNoticesAlsoFromTheStart) {
  const FuseMount mount;
  test::ChildProcess stranger(mount.add("/bin/sleep", "stranger"), {"100"});
  test::Minivalk minivalk;
  {
    Exporter exporter(GetParam().arguments);
    const test::Labels of_it = labels_of(exporter, minivalk.pid());
    mount.hang();
    expect_quick_scrapes(exporter, of_it);
    // Who comes now is found as ever.
    test::Minivalk later;
    EXPECT_TRUE(is_told_whole(exporter.metrics(), labels_of(exporter, later.pid())));
    expect_quick_end(exporter);
  }
  Exporter fresh(GetParam().arguments);
  expect_quick_scrapes(fresh, labels_of(fresh, minivalk.pid()));
  expect_quick_end(fresh);
}

INSTANTIATE_TEST_SUITE_P(
    Selected, AStrangersFileHangs,
    testing::Values(Selected{"ByNothing", {}},
                    Selected{"ByExe", {"--exe", test::built_programs_dir() + "/minivalk"}},
                    Selected{"ByName", {"--name", "minivalk"}}),
    [](const auto& selected) { return selected.param.name; });

TEST_F(HungFiles, AStrangerOfTheSelectedNameIsToldOfAndLeftOut) {
  const FuseMount mount;
  test::ChildProcess stranger(mount.add("/bin/sleep", "minivalk"), {"100"});
  test::Minivalk minivalk;
  mount.hang();
  Exporter exporter({"--name", "minivalk"});
  expect_quick_scrapes(exporter, labels_of(exporter, minivalk.pid()));
  const std::string said = "pid " + std::to_string(stranger.pid());
  EXPECT_TRUE(test::wait_until(test::soon(), [&] {
    return exporter.log().find(said) != std::string::npos;
  })) << exporter.log();
  expect_quick_end(exporter);
}

TEST_F(HungFiles, AWatchedProcessWhoseOwnFileHangsHangsAlone) {
  const FuseMount mount;
  test::Minivalk hung(mount.add(test::built_programs_dir() + "/minivalk", "minivalk"), {});
  test::Minivalk minivalk;
  Exporter exporter({"--name", "minivalk"});
  EXPECT_NE(name_of(exporter, hung.pid()), "");
  const test::Labels of_it = labels_of(exporter, minivalk.pid());
  mount.hang();
  expect_quick_scrapes(exporter, of_it);
  hung.process().signal(SIGKILL);
  expect_quick_scrapes(exporter, of_it);
  expect_quick_end(exporter);
}

TEST_F(HungFiles, AWatchedProcessWhoseMemoryHangsHangsAlone) {
  Puppet hung(puppet_path("state_puppet"));
  test::Minivalk minivalk;
  Exporter exporter({"--name", "state_puppet", "--name", "minivalk"});
  const test::Labels of_hung = labels_of(exporter, hung.pid());
  const test::Labels of_it = labels_of(exporter, minivalk.pid());
  EXPECT_TRUE(is_told_whole(exporter.metrics(), of_hung));
  hung.tell("hang");
  expect_quick_scrapes(exporter, of_it);
  const test::Samples exported = exporter.metrics();
  EXPECT_FALSE(is_told_whole(exported, of_hung));
  EXPECT_TRUE(exported.series("valk_gc_cycles_total", of_hung).empty());
  expect_quick_end(exporter);
  hung.tell("go-on");
}

TEST_F(HungFiles, AProcessToWatchWhoseFileHangsFromTheStartHangsAlone) {
  const FuseMount mount;
  test::Minivalk hung(mount.add(test::built_programs_dir() + "/minivalk", "minivalk"), {});
  test::Minivalk minivalk;
  mount.hang();
  Exporter exporter({"--name", "minivalk"});
  expect_quick_scrapes(exporter, labels_of(exporter, minivalk.pid()));
  expect_quick_end(exporter);
}

TEST_F(HungFiles, WhoseFileHangsNoMoreIsWatchedSoon) {
  const FuseMount mount;
  test::Minivalk first(mount.add(test::built_programs_dir() + "/minivalk", "minivalk"), {});
  test::Minivalk second(mount.add(test::built_programs_dir() + "/minivalk", "minivalk-2"), {});
  mount.hang();
  Exporter exporter(std::vector<std::string>{});
  for (const pid_t pid : {first.pid(), second.pid()}) {
    EXPECT_TRUE(test::wait_until(test::soon(), [&] {
      return exporter.log().find(fmt::format("pid {} (minivalk) is not looked at", pid)) !=
                 std::string::npos ||
             exporter.log().find(fmt::format("pid {} (minivalk-2) is not looked at", pid)) !=
                 std::string::npos;
    })) << exporter.log();
  }
  mount.go_on();
  EXPECT_NE(name_of(exporter, first.pid()), "");
  EXPECT_NE(name_of(exporter, second.pid()), "");
  expect_quick_end(exporter);
}

// Longer than a start waits until it is known what each process tells. By the time that somebody
// runs, or until he has ended.
void wait_for_longer_than_a_start(test::ChildProcess& somebody) {
  const auto enough = Clock::now() + std::chrono::seconds(3);
  somebody.wait(enough);
}

TEST_F(HungFiles, AProfileWaitsUntilItsTargetIsKnown) {
  const FuseMount mount;
  test::Minivalk minivalk;
  mount.hang();
  test::ChildProcess profiling(
      exporter_path(),
      {"profile", "--pid", std::to_string(minivalk.pid()), "--cache-dir", "", "--debug-dir",
       mount.path().string(), "--seconds", "1", "--format", "folded", "--output", "-"},
      test::Stderr::kCaptured);
  wait_for_longer_than_a_start(profiling);
  mount.go_on();
  const auto status = profiling.wait(test::soon());
  ASSERT_TRUE(status) << profiling.stderr_text();
  EXPECT_EQ(status->code, 0) << profiling.stderr_text();
}

TEST_F(HungFiles, AProfileOfWhoIsNotKnownYetIsForLater) {
  const FuseMount mount;
  const TemporaryDirectory directory;
  const std::string program = (directory.path() / "minivalk").string();
  fs::copy_file(test::built_programs_dir() + "/minivalk", program);
  test::Minivalk minivalk(program, std::vector<std::string>{});
  mount.hang();
  Exporter exporter({"--exe", program, "--cache-dir", "", "--debug-dir", mount.path().string()});
  const auto refused = exporter.get("/debug/pprof/profile?seconds=1");
  EXPECT_EQ(refused.status, 503) << refused.body;
  EXPECT_NE(refused.body.find("has just begun to be watched"), std::string::npos) << refused.body;
  EXPECT_EQ(refused.headers.at("retry-after"), "1");
  EXPECT_EQ(exporter.get("/debug/pprof/profile?seconds=1&process=nobody").status, 404);
  mount.go_on();
  EXPECT_TRUE(test::wait_until(
      test::soon(), [&] { return exporter.get("/debug/pprof/profile?seconds=1").status == 200; }));
}

}  // namespace
}  // namespace e2e
