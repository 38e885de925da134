// Who runs, who was stopped, and who is frozen, by a /proc and control groups of our own making.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include "target/process_metrics.h"
#include "target/run_state.h"

namespace {

namespace fs = std::filesystem;
using model::ProcessState;

std::string stat_text(int pid, const std::string& comm, char state) {
  return fmt::format("{} ({}) {} 1 2 3 4 5 6 7 8 9 10 500 250 13 14 15 16 9 18 111 100 20 1\n", pid,
                     comm, state);
}

class RunState : public testing::Test {
 protected:
  RunState() {
    std::string path = (fs::temp_directory_path() / "valkyria-state-XXXXXX").string();
    root_ = ::mkdtemp(path.data());
    fs::create_directories(root_ / "cgroup");
  }
  ~RunState() override { fs::remove_all(root_); }

  static void write(const fs::path& path, const std::string& text) {
    fs::create_directories(path.parent_path());
    std::ofstream(path, std::ios::binary) << text;
  }

  void be_in(char state, const std::string& cgroup, const std::string& comm = "valk") {
    write(root_ / "10" / "stat", stat_text(10, comm, state));
    write(root_ / "10" / "cgroup", cgroup);
  }

  // The state that is so; none: no state is shown.
  std::optional<ProcessState> state() const {
    const auto states =
        target::read_process_metrics(root_.string(), 10, (root_ / "cgroup").string()).states;
    std::optional<ProcessState> is_so;
    for (const auto& flag : states) {
      if (!flag.is_so) continue;
      EXPECT_FALSE(is_so) << "two states at once";
      is_so = flag.state;
    }
    EXPECT_THAT(states.size(), testing::AnyOf(0u, 3u));
    EXPECT_EQ(states.empty(), !is_so);
    return is_so;
  }

  fs::path root_;
};

TEST_F(RunState, IsStoppedByASignalOrADebugger) {
  be_in('T', "0::/");
  EXPECT_EQ(state(), ProcessState::kStopped);
  be_in('t', "0::/");
  EXPECT_EQ(state(), ProcessState::kStopped);
}

TEST_F(RunState, IsNotTakenFromTheName) {
  write(root_ / "cgroup" / "cgroup.procs", "");
  be_in('S', "0::/", "a) T (b");
  EXPECT_EQ(state(), ProcessState::kRunning);
  be_in('T', "0::/", "a) S (b\n");
  EXPECT_EQ(state(), ProcessState::kStopped);
}

TEST_F(RunState, IsFrozenWhereTheUnifiedGroupIs) {
  be_in('S', "0::/system.slice/valk.service\n");
  const fs::path events = root_ / "cgroup/system.slice/valk.service/cgroup.events";
  write(events, "populated 1\nfrozen 1\n");
  EXPECT_EQ(state(), ProcessState::kFrozen);
  write(events, "populated 1\nfrozen 0\n");
  EXPECT_EQ(state(), ProcessState::kRunning);
}

TEST_F(RunState, LooksWhereTheMachineHasBothVersions) {
  be_in('S', "6:freezer:/\n0::/valk\n");
  write(root_ / "cgroup/unified/cgroup.procs", "");
  write(root_ / "cgroup/freezer/cgroup.procs", "");
  write(root_ / "cgroup/unified/valk/cgroup.events", "populated 1\nfrozen 1\n");
  EXPECT_EQ(state(), ProcessState::kFrozen);
}

TEST_F(RunState, IsFrozenWhereTheFreezerIs) {
  be_in('D', "7:cpu,freezer:/docker/abc\n3:cpuset:/other\n");
  const fs::path file = root_ / "cgroup/freezer/docker/abc/freezer.state";
  write(file, "FROZEN\n");
  EXPECT_EQ(state(), ProcessState::kFrozen);
  write(file, "THAWED\n");
  EXPECT_EQ(state(), ProcessState::kRunning);
}

TEST_F(RunState, IsUnknownWhereTheGroupCannotBeSeen) {
  be_in('S', "0::/elsewhere\n");
  EXPECT_EQ(state(), std::nullopt);
  be_in('S', "0::/../../above\n");
  write(root_ / "above/cgroup.events", "frozen 1\n");
  EXPECT_EQ(state(), std::nullopt);
  be_in('S', "0::/");  // no control groups are mounted
  EXPECT_EQ(state(), std::nullopt);
  fs::remove(root_ / "10" / "cgroup");
  EXPECT_EQ(state(), std::nullopt);
}

TEST_F(RunState, IsRunningWhoHasTheProcessorWhateverElseIsUnknown) {
  be_in('R', "0::/elsewhere\n");
  EXPECT_EQ(state(), ProcessState::kRunning);
}

TEST_F(RunState, IsThatOfAThreadWhichLives) {
  be_in('Z', "0::/");
  EXPECT_EQ(state(), std::nullopt);
  write(root_ / "10/task/10/stat", stat_text(10, "valk", 'Z'));
  write(root_ / "10/task/12/stat", stat_text(12, "valk", 'T'));
  EXPECT_EQ(state(), ProcessState::kStopped);
  write(root_ / "10/task/12/stat", stat_text(12, "valk", 'S'));
  write(root_ / "10/task/12/cgroup", "0::/frozen");
  write(root_ / "cgroup/frozen/cgroup.events", "frozen 1\n");
  EXPECT_EQ(state(), ProcessState::kFrozen);
}

TEST_F(RunState, DescriptorsAndMemoryAreThoseOfAThreadWhichLives) {
  be_in('Z', "0::/");
  write(root_ / "10/task/12/stat", stat_text(12, "valk", 'S'));
  write(root_ / "10/task/12/fd/0", "");
  write(root_ / "10/task/12/fd/1", "");
  const auto metrics =
      target::read_process_metrics(root_.string(), 10, (root_ / "cgroup").string());
  EXPECT_EQ(metrics.open_fds, 2u);
  EXPECT_GT(metrics.resident_bytes, 0u);
}

TEST_F(RunState, OfAnEndedProcessIsUnknown) {
  EXPECT_EQ(state(), std::nullopt);
}

TEST(ParseFreezerGroups, FindsBothVersionsAndNothingElse) {
  const auto both = target::parse_freezer_groups("9:name=freezer:/a\n6:freezer:/b:c\n0::/d e\n");
  EXPECT_EQ(both.freezer, "/b:c");
  EXPECT_EQ(both.unified, "/d e");
  for (const char* text : {"", "0::", "0::relative", "5:cpu,memory:/x\n", "freezer", "\n\n"}) {
    const auto none = target::parse_freezer_groups(text);
    EXPECT_FALSE(none.unified) << text;
    EXPECT_FALSE(none.freezer) << text;
  }
}

}  // namespace
