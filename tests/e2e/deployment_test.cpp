// The ways in which a new build, or one build many times, comes to a machine: nobody dies of it,
// and everybody's counts are his own.
#include <sys/stat.h>
#include <sys/uio.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <memory>
#include <nlohmann/json.hpp>

#include "exporter.h"
#include "places.h"
#include "support/minivalk.h"

namespace e2e {
namespace {

namespace fs = std::filesystem;
using Deployment = EndToEnd;
using test::Samples;

std::string plain_build() {
  return test::built_programs_dir() + "/minivalk";
}

std::string stripped_build() {
  return stripped_programs_dir() + "/minivalk";
}

std::string other_build() {
  return puppet_path("minivalk_other_build");
}

// What probes alone, and memory where it can be read, told of one process.
struct Counts {
  double durations = 0;
  double pauses = 0;
  double requests = 0;

  bool operator==(const Counts&) const = default;
};

Counts counts_of(const Samples& exported, const std::string& process) {
  const test::Labels of_it = {{"process", process}};
  return {exported.sum("http_request_duration_seconds_count", of_it),
          exported.sum("valk_gc_pause_duration_seconds_count", of_it),
          exported.sum("http_requests_total", of_it)};
}

std::ostream& operator<<(std::ostream& out, const Counts& counts) {
  return out << counts.durations << " durations, " << counts.pauses << " pauses, "
             << counts.requests << " requests";
}

Counts operator-(const Counts& left, const Counts& right) {
  return {left.durations - right.durations, left.pauses - right.pauses,
          left.requests - right.requests};
}

bool is_read_from_memory(const Samples& exported, const std::string& process) {
  return exported.sum("valkyria_exporter_collector_success",
                      {{"collector", "state"}, {"process", process}}) == 1;
}

// So many requests and collections; all of them counted when this returns.
void work(test::Minivalk& minivalk, int requests, int collections) {
  for (int i = 0; i < requests; ++i) {
    ASSERT_EQ(test::get(minivalk.port(), "/fib?n=5").body, "5\n");
  }
  for (int i = 0; i < collections; ++i) minivalk.command("gc");
  minivalk.truth();
}

void expect_own_counts(const Exporter& exporter, test::Minivalk& minivalk) {
  const std::string name = name_of(exporter, minivalk.pid());
  ASSERT_NE(name, "") << exporter.log();
  const Counts before = counts_of(exporter.metrics(), name);
  work(minivalk, 7, 2);
  const Samples exported = exporter.metrics();
  const Counts after = counts_of(exported, name);
  EXPECT_EQ(after - before, (Counts{7, 2, 7})) << exporter.log();
  if (!is_read_from_memory(exported, name)) return;
  const Samples truth = minivalk.truth();
  EXPECT_EQ(after.requests, truth.sum("http_requests_total"));
  EXPECT_EQ(exported.sum("valk_gc_cycles_total", {{"process", name}}),
            truth.sum("valk_gc_cycles_total"));
}

ino_t inode_of(const fs::path& path) {
  struct stat status {};
  ::stat(path.c_str(), &status);
  return status.st_ino;
}

// --exe and its path, or nothing at all.
class OverwrittenInPlace : public EndToEnd, public testing::WithParamInterface<bool> {};

TEST_P(OverwrittenInPlace, ANewBuildThatIsStartedAtOnceLivesAndIsCountedRightly) {
  const TemporaryDirectory directory;
  const fs::path program = directory.path() / "minivalk";
  fs::copy_file(plain_build(), program);
  const ino_t inode = inode_of(program);
  const Exporter exporter(GetParam() ? std::vector<std::string>{"--exe", program.string()}
                                     : std::vector<std::string>{});
  const std::array builds = {plain_build(), other_build(), stripped_build()};
  for (std::size_t round = 0; round < 20 && !HasFatalFailure(); ++round) {
    SCOPED_TRACE(round);
    overwrite_in_place(builds.at(round % builds.size()), program);
    test::Minivalk minivalk({}, directory.path());
    work(minivalk, 2, 1);  // from its first moment on
    expect_own_counts(exporter, minivalk);
    EXPECT_FALSE(minivalk.process().wait(test::in({})));
    minivalk.process().signal(SIGKILL);
    ASSERT_TRUE(minivalk.process().wait(test::soon()));
  }
  EXPECT_EQ(inode_of(program), inode);
}

INSTANTIATE_TEST_SUITE_P(Selected, OverwrittenInPlace, testing::Bool(), [](const auto& selected) {
  return selected.param ? "ByExe" : "ByNothing";
});

TEST_F(Deployment, AFileMovedOverTheRunningOneLeavesBothRight) {
  const TemporaryDirectory directory;
  const fs::path program = directory.path() / "minivalk";
  fs::copy_file(plain_build(), program);
  test::Minivalk before({}, directory.path());
  const Exporter exporter({"--exe", program.string()});
  ASSERT_NE(name_of(exporter, before.pid()), "");
  fs::copy_file(other_build(), directory.path() / "new");
  fs::rename(directory.path() / "new", program);
  test::Minivalk after({}, directory.path());
  const std::string name_after = name_of(exporter, after.pid());
  ASSERT_NE(name_after, "");
  const Counts of_after = counts_of(exporter.metrics(), name_after);
  expect_own_counts(exporter, before);
  EXPECT_EQ(counts_of(exporter.metrics(), name_after), of_after);
  expect_own_counts(exporter, after);
  EXPECT_TRUE(is_read_from_memory(exporter.metrics(), name_of(exporter, before.pid())));
  EXPECT_TRUE(is_read_from_memory(exporter.metrics(), name_after));
}

TEST_F(Deployment, AFileThatWasRemovedIsReadThroughTheProcessThatRunsIt) {
  const TemporaryDirectory directory;
  const fs::path program = directory.path() / "removed_valk";
  fs::copy_file(plain_build(), program);
  test::Minivalk minivalk(program, {});
  fs::remove(program);
  const Exporter exporter({"--name", "removed_valk"});
  expect_own_counts(exporter, minivalk);
  EXPECT_TRUE(is_read_from_memory(exporter.metrics(), name_of(exporter, minivalk.pid())));
}

// Its files and its number are its namespaces' own: what it says of itself holds in there alone.
TEST_F(Deployment, AContainerWhoseFilesNobodyElseSeesIsToldOfByTheMachinesNumber) {
  const TemporaryDirectory directory;
  const std::string inside = (directory.path() / "inside").string();
  fs::create_directories(inside);
  test::Minivalk minivalk("/usr/bin/unshare",
                          {"--mount", "--pid", "--fork", "--kill-child", "/bin/sh", "-c",
                           "mount -t tmpfs tmpfs " + inside + " && cp " + plain_build() + " " +
                               inside + "/unseen_valk && exec " + inside + "/unseen_valk"});
  ASSERT_TRUE(fs::is_empty(inside));
  const Exporter exporter({"--name", "unseen_valk"});
  ASSERT_TRUE(
      test::wait_until(test::soon(), [&] { return exporter.metrics().sum("valkyria_up") == 1; }));
  work(minivalk, 7, 2);
  const Samples exported = exporter.metrics();
  EXPECT_EQ(counts_of(exported, "unseen_valk"), (Counts{7, 2, 7})) << exporter.log();
  EXPECT_TRUE(is_read_from_memory(exported, "unseen_valk"));
  const auto info = exported.series("valkyria_process_info", {{"process", "unseen_valk"}});
  ASSERT_EQ(info.size(), 1u);
  EXPECT_EQ(fs::read_symlink("/proc/" + info.front().labels.at("pid") + "/exe"),
            inside + "/unseen_valk");
}

// A runtime in a container whose image others share: one file below, a device of each one's own.
struct Contained {
  Contained(const fs::path& image, const fs::path& own, const std::string& program)
      : root("overlay", made(own) / "root",
             "lowerdir=" + image.string() + ",upperdir=" + (own / "upper").string() +
                 ",workdir=" + (own / "work").string()),
        minivalk((root.path() / program).string(), {}) {}

  static const fs::path& made(const fs::path& own) {
    fs::create_directories(own / "upper");
    fs::create_directories(own / "work");
    return own;
  }

  Mount root;
  test::Minivalk minivalk;
};

TEST_F(Deployment, ContainersOfOneImageAreCountedEachByItself) {
  const TemporaryDirectory directory;
  const Mount disk("tmpfs", directory.path() / "disk");  // an overlay is no place for an overlay
  const fs::path image = disk.path() / "image";
  fs::create_directories(image);
  fs::copy_file(plain_build(), image / "contained_valk");
  constexpr int kContainers = 5;
  std::vector<std::unique_ptr<Contained>> contained;
  for (int i = 0; i < kContainers; ++i) {
    contained.push_back(
        std::make_unique<Contained>(image, disk.path() / std::to_string(i), "contained_valk"));
  }
  const Exporter exporter({"--name", "contained_valk"});
  std::vector<std::string> names;
  for (const auto& one : contained) names.push_back(name_of(exporter, one->minivalk.pid()));
  int requests = 0;
  int collections = 0;
  for (int i = 0; i < kContainers; ++i) {
    work(contained[i]->minivalk, 3 * i + 1, i);
    requests += 3 * i + 1;
    collections += i;
  }
  const Samples exported = exporter.metrics();
  for (int i = 0; i < kContainers; ++i) {
    EXPECT_EQ(counts_of(exported, names[i]), (Counts{3.0 * i + 1, 1.0 * i, 3.0 * i + 1})) << i;
  }
  const auto hits = [&](const char* probe) {
    return exported.sum("valkyria_exporter_probe_hits_total", {{"probe", probe}});
  };
  EXPECT_EQ(hits("request__end"), requests);
  EXPECT_EQ(hits("gc__end"), collections);
}

// The first bytes of the probe's sites, as they stand in the process's memory.
std::vector<int> bytes_at_sites(pid_t pid, const std::string& probe_name) {
  const Answer answer = run_to_end({"probes", "--pid", std::to_string(pid), "--format", "json"});
  std::vector<int> bytes;
  const auto listed = nlohmann::json::parse(answer.out);
  for (const auto& probe : listed.at("probes")) {
    if (probe.at("name") != probe_name) continue;
    for (const auto& site : probe.at("sites")) {
      const auto address = std::stoull(site.at("address").get<std::string>(), nullptr, 16);
      unsigned char byte = 0;
      const iovec local{&byte, 1};
      const iovec remote{reinterpret_cast<void*>(address), 1};
      const bool is_read = ::process_vm_readv(pid, &local, 1, &remote, 1, 0) == 1;
      bytes.push_back(is_read ? byte : -1);
    }
  }
  return bytes;
}

TEST_F(Deployment, AProcessThatIsNotWatchedHasNoBreakpointAndNoSemaphore) {
  constexpr int kBreakpoint = 0xcc;
  Puppet watched;
  Puppet other;
  const Exporter exporter = Exporter::of_pid(watched.pid());
  Puppet later;
  const std::vector<int> there = bytes_at_sites(watched.pid(), "request__end");
  ASSERT_FALSE(there.empty());
  EXPECT_NE(watched.tell("semaphores"), "0");
  for (const int byte : there) EXPECT_EQ(byte, kBreakpoint);
  for (Puppet* puppet : {&other, &later}) {
    const std::vector<int> bytes = bytes_at_sites(puppet->pid(), "request__end");
    EXPECT_EQ(bytes.size(), there.size());
    for (const int byte : bytes) EXPECT_NE(byte, kBreakpoint);
    EXPECT_EQ(puppet->tell("semaphores"), "0");
    puppet->tell("requests 1 3");
  }
  EXPECT_EQ(
      exporter.metrics().sum("valkyria_exporter_probe_hits_total", {{"probe", "request__end"}}), 0);
}

}  // namespace
}  // namespace e2e
