#include <gtest/gtest.h>

#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include "base/clock.h"
#include "target/executable.h"
#include "target/process.h"
#include "target/process_metrics.h"
#include "target/process_stat.h"
#include "target/program.h"

namespace {

namespace fs = std::filesystem;

std::string stat_text(int pid, const std::string& comm, char state, std::uint64_t start_ticks) {
  return fmt::format("{} ({}) {} 1 2 3 4 5 6 7 8 9 10 500 250 13 14 15 16 9 18 {} 100 20 1\n", pid,
                     comm, state, start_ticks);
}

TEST(ParseStat, ReadsCommStateAndStartTime) {
  const auto stat = target::parse_stat(stat_text(42, "valk", 'S', 987654321));
  ASSERT_TRUE(stat) << stat.error().message;
  EXPECT_EQ(stat->comm, "valk");
  EXPECT_EQ(stat->state, 'S');
  EXPECT_EQ(stat->start_ticks, 987654321u);
  EXPECT_EQ(stat->user_ticks, 500u);
  EXPECT_EQ(stat->system_ticks, 250u);
  EXPECT_EQ(stat->threads, 9u);
  EXPECT_EQ(stat->resident_pages, 20u);
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
  const std::size_t before_resident_pages = whole.find(" 20 1\n");
  ASSERT_NE(before_resident_pages, std::string::npos);
  for (std::size_t size = 0; size <= before_resident_pages; ++size) {
    EXPECT_FALSE(target::parse_stat(whole.substr(0, size))) << size;
  }
}

// A /proc of our own making.
const target::Recognition kRecognition{"valkyria", {}};

class FakeProc : public testing::Test {
 protected:
  FakeProc() {
    std::string path = (fs::temp_directory_path() / "valkyria-proc-XXXXXX").string();
    root_ = ::mkdtemp(path.data());
    fs::copy_file(VALKYRIA_PROBED_BINARY, root_ / "runtime");
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
  std::string runtime_path() const { return (root_ / "runtime").string(); }
  target::Executable runtime() const { return std::move(*target::open_executable(runtime_path())); }

  fs::path root_;
};

TEST_F(FakeProc, IdentifyTellsPidStartTimeAndInode) {
  add_process(10, "valk", 111);
  const auto process = target::identify(proc(), 10);
  ASSERT_TRUE(process) << process.error().message;
  EXPECT_EQ(process->id.pid, 10);
  EXPECT_EQ(process->id.start_ticks, 111u);
  EXPECT_EQ(process->id.exe_inode, runtime().version.inode);
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

TEST_F(FakeProc, ListsPids) {
  add_process(30, "valk", 3);
  add_process(10, "valk", 1);
  fs::create_directory(root_ / "self");
  fs::create_directory(root_ / "12x");
  auto pids = target::list_pids(proc());
  std::sort(pids.begin(), pids.end());
  EXPECT_EQ(pids, (std::vector<int>{10, 30}));
}

TEST_F(FakeProc, ReadsTheProgramThatAProcessRuns) {
  add_process(10, "valk", 1);
  add_process(20, "bash", 1, "other");
  const auto program = target::read_program_of(proc(), 10, kRecognition);
  ASSERT_TRUE(program) << program.error().message;
  EXPECT_TRUE(program->is_recognised());
  EXPECT_EQ(program->executable.version, target::identify(proc(), 10)->file);
  EXPECT_FALSE(target::read_program_of(proc(), 20, kRecognition));
}

TEST_F(FakeProc, AFileOverwrittenInPlaceIsAnotherVersion) {
  const auto before = target::version_at(runtime_path());
  const target::Executable executable = runtime();
  ASSERT_EQ(before, executable.version);
  write(runtime_path(), "another build");
  EXPECT_NE(target::version_at(runtime_path()), before);
  EXPECT_NE(*target::version_of(executable), executable.version);
}

TEST_F(FakeProc, KnowsADynamicLoaderByItsName) {
  EXPECT_FALSE(target::is_loader(runtime()));
  fs::copy_file(runtime_path(), root_ / "ld-linux-x86-64.so.2");
  EXPECT_TRUE(
      target::is_loader(*target::open_executable((root_ / "ld-linux-x86-64.so.2").string())));
}

TEST(OwnPidNamespace, IsThatOfProc) {
  EXPECT_TRUE(target::shows_own_pid_namespace("/proc"));
}

TEST(HeldProcess, KnowsTheEndOfItsOwnAndOfNoOther) {
  const auto own = target::HeldProcess::open(::getpid());
  ASSERT_TRUE(own);
  EXPECT_FALSE(own->has_ended());
  const auto nobody = target::HeldProcess::open(1 << 30);
  ASSERT_FALSE(nobody);
}

TEST_F(FakeProc, AProcessWhoseMainThreadHasLeftIsRunning) {
  add_process(10, "valk", 111);
  const model::ProcessId id = target::identify(proc(), 10)->id;
  add_process(10, "valk", 111, "runtime", 'Z');
  fs::remove(root_ / "10" / "exe");
  const auto add_thread = [&](int tid, char state) {
    fs::create_directories(root_ / "10" / "task" / std::to_string(tid));
    write(root_ / "10" / "task" / std::to_string(tid) / "stat", stat_text(tid, "valk", state, 1));
    fs::create_symlink(root_ / "runtime", root_ / "10" / "task" / std::to_string(tid) / "exe");
  };
  add_thread(10, 'Z');
  EXPECT_FALSE(target::is_running(proc(), id));
  EXPECT_FALSE(target::identify(proc(), 10));
  add_thread(11, 'S');
  EXPECT_TRUE(target::is_running(proc(), id));
  EXPECT_FALSE(target::has_main_thread(proc(), 10));
  EXPECT_EQ(target::living_directory(proc(), 10), proc() + "/10/task/11");
  ASSERT_TRUE(target::identify(proc(), 10));
  EXPECT_EQ(target::identify(proc(), 10)->id, id);
}

TEST_F(FakeProc, ProcessMetricsAreReadFromStat) {
  add_process(10, "valk", 200);
  fs::create_directory(root_ / "10" / "fd");
  write(root_ / "10" / "fd" / "0", "");
  const std::uint64_t before_ns = base::boot_ns();
  const model::ProcessMetrics metrics = target::read_process_metrics(proc(), 10);
  EXPECT_EQ(metrics.cpu_ns, 7'500'000'000u);
  EXPECT_EQ(metrics.threads, 9u);
  EXPECT_EQ(metrics.open_fds, 1u);
  ASSERT_TRUE(metrics.age_ns);
  EXPECT_GE(*metrics.age_ns + 2'000'000'000, before_ns);
  EXPECT_LE(*metrics.age_ns + 2'000'000'000, base::boot_ns());
}

TEST_F(FakeProc, AStartIsToldByTheClockAsItIsSet) {
  add_process(10, "valk", 200);
  EXPECT_FALSE(target::read_start_unix_ns(proc(), 10));
  write(root_ / "stat", "cpu 1 2 3\nbtime 1000000\nprocesses 5\n");
  EXPECT_EQ(target::read_start_unix_ns(proc(), 10), 1'000'002'000'000'000u);
  write(root_ / "stat", "cpu 1 2 3\nbtime 1000060\nprocesses 5\n");
  EXPECT_EQ(target::read_start_unix_ns(proc(), 10), 1'000'062'000'000'000u);
  EXPECT_FALSE(target::read_start_unix_ns(proc(), 99));
}

TEST_F(FakeProc, ProcessMetricsOfAnEndedProcessAreAbsent) {
  const model::ProcessMetrics metrics = target::read_process_metrics(proc(), 99);
  EXPECT_FALSE(metrics.cpu_ns);
  EXPECT_FALSE(metrics.open_fds);
  EXPECT_FALSE(metrics.age_ns);
}

}  // namespace
