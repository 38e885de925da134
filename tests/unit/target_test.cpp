#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include "target/process.h"
#include "target/process_stat.h"
#include "target/watcher.h"

namespace {

namespace fs = std::filesystem;

std::string stat_text(int pid, const std::string& comm, char state, std::uint64_t start_ticks) {
  return fmt::format("{} ({}) {} 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 {} 100 200\n", pid,
                     comm, state, start_ticks);
}

TEST(ParseStat, ReadsCommStateAndStartTime) {
  const auto stat = target::parse_stat(stat_text(42, "valk", 'S', 987654321));
  ASSERT_TRUE(stat) << stat.error().message;
  EXPECT_EQ(stat->comm, "valk");
  EXPECT_EQ(stat->state, 'S');
  EXPECT_EQ(stat->start_ticks, 987654321u);
}

TEST(ParseStat, KeepsParenthesesSpacesAndNewlinesInTheComm) {
  const auto stat = target::parse_stat(stat_text(42, "a) R (b\n c", 'S', 7));
  ASSERT_TRUE(stat);
  EXPECT_EQ(stat->comm, "a) R (b\n c");
  EXPECT_EQ(stat->state, 'S');
  EXPECT_EQ(stat->start_ticks, 7u);
}

TEST(ParseStat, RefusesATextThatIsCut) {
  const std::string whole = stat_text(42, "valk", 'S', 7);
  const std::size_t before_start_time = whole.find(" 7 100");
  ASSERT_NE(before_start_time, std::string::npos);
  for (std::size_t size = 0; size <= before_start_time; ++size) {
    EXPECT_FALSE(target::parse_stat(whole.substr(0, size))) << size;
  }
}

// A /proc of our own making.
class FakeProc : public testing::Test {
 protected:
  FakeProc() {
    std::string path = (fs::temp_directory_path() / "valkyria-proc-XXXXXX").string();
    root_ = ::mkdtemp(path.data());
    write(root_ / "runtime", "an executable");
    write(root_ / "other", "another one");
  }
  ~FakeProc() override { fs::remove_all(root_); }

  static void write(const fs::path& path, const std::string& text) {
    std::ofstream(path, std::ios::binary) << text;
  }

  void add_process(int pid, const std::string& comm, std::uint64_t start_ticks,
                   const std::string& executable = "runtime", char state = 'S') {
    const fs::path directory = root_ / std::to_string(pid);
    fs::remove_all(directory);
    fs::create_directory(directory);
    write(directory / "stat", stat_text(pid, comm, state, start_ticks));
    fs::create_symlink(root_ / executable, directory / "exe");
  }
  void remove_process(int pid) { fs::remove_all(root_ / std::to_string(pid)); }

  std::string proc() const { return root_.string(); }
  target::Executable runtime() const {
    return std::move(*target::open_executable((root_ / "runtime").string()));
  }

  fs::path root_;
};

TEST_F(FakeProc, IdentifyTellsPidStartTimeAndInode) {
  add_process(10, "valk", 111);
  const auto process = target::identify(proc(), 10);
  ASSERT_TRUE(process) << process.error().message;
  EXPECT_EQ(process->id.pid, 10);
  EXPECT_EQ(process->id.start_ticks, 111u);
  EXPECT_EQ(process->id.exe_inode, runtime().inode);
  EXPECT_EQ(process->comm, "valk");
}

TEST_F(FakeProc, IdentifyNamesThePidThatDoesNotExist) {
  const auto process = target::identify(proc(), 12345);
  ASSERT_FALSE(process);
  EXPECT_NE(process.error().message.find("no process with pid 12345"), std::string::npos);
}

TEST_F(FakeProc, AZombieIsNotRunning) {
  add_process(10, "valk", 111, "runtime", 'Z');
  EXPECT_FALSE(target::identify(proc(), 10));
}

TEST_F(FakeProc, AReusedPidIsAnotherProcess) {
  add_process(10, "valk", 111);
  const model::ProcessId first = target::identify(proc(), 10)->id;
  EXPECT_TRUE(target::is_running(proc(), first));
  add_process(10, "valk", 222);
  EXPECT_FALSE(target::is_running(proc(), first));
}

TEST_F(FakeProc, AnExecIsAnotherProcess) {
  add_process(10, "valk", 111);
  const model::ProcessId first = target::identify(proc(), 10)->id;
  add_process(10, "valk", 111, "other");
  EXPECT_FALSE(target::is_running(proc(), first));
}

TEST_F(FakeProc, FindRunningTakesOnlyTheExecutablesOwnProcesses) {
  add_process(30, "valk", 3);
  add_process(10, "valk", 1);
  add_process(20, "bash", 2, "other");
  fs::create_directory(root_ / "self");
  fs::create_directory(root_ / "12x");
  const auto found = target::find_running(proc(), runtime());
  ASSERT_EQ(found.size(), 2u);
  EXPECT_EQ(found[0].id.pid, 10);
  EXPECT_EQ(found[1].id.pid, 30);
}

TEST_F(FakeProc, WatcherOfOneProcessReportsItOnceAndItsEndOnce) {
  add_process(10, "valk", 1);
  auto watcher = target::Watcher::of_process(proc(), *target::identify(proc(), 10));
  const auto first = watcher.look();
  ASSERT_EQ(first.came.size(), 1u);
  EXPECT_EQ(first.came[0].slot, 0u);
  EXPECT_EQ(first.came[0].name, "");
  EXPECT_TRUE(watcher.look().came.empty());
  remove_process(10);
  EXPECT_EQ(watcher.look().went.size(), 1u);
  add_process(10, "valk", 2);
  const auto last = watcher.look();
  EXPECT_TRUE(last.came.empty());
  EXPECT_TRUE(last.went.empty());
}

TEST_F(FakeProc, WatcherOfAnExecutableNumbersEqualNamesAndReusesSlots) {
  const auto executable = runtime();
  auto watcher = target::Watcher::of_executable(proc(), executable, 4);
  add_process(10, "valk", 1);
  add_process(20, "valk", 2);
  auto changes = watcher.look();
  ASSERT_EQ(changes.came.size(), 2u);
  EXPECT_EQ(changes.came[0].name, "valk");
  EXPECT_EQ(changes.came[1].name, "valk-2");
  remove_process(10);
  add_process(30, "valk", 3);
  changes = watcher.look();
  ASSERT_EQ(changes.went.size(), 1u);
  EXPECT_EQ(changes.went[0].process.id.pid, 10);
  ASSERT_EQ(changes.came.size(), 1u);
  EXPECT_EQ(changes.came[0].slot, 0u);
  EXPECT_EQ(changes.came[0].name, "valk");
}

TEST_F(FakeProc, WatcherCountsProcessesPastItsLimit) {
  const auto executable = runtime();
  auto watcher = target::Watcher::of_executable(proc(), executable, 2);
  for (int pid = 1; pid <= 5; ++pid) add_process(pid, "valk", 1);
  const auto changes = watcher.look();
  EXPECT_EQ(changes.came.size(), 2u);
  EXPECT_EQ(changes.no_room, 3u);
}

}  // namespace
