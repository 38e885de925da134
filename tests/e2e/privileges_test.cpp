// What each thread of the exporter may do.
#include <linux/capability.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <set>

#include "exporter.h"
#include "probe/attach_method.h"
#include "support/minivalk.h"
#include "thread_status.h"

namespace e2e {
namespace {

namespace fs = std::filesystem;
using Privileges = EndToEnd;

std::uint64_t attaching() {
  const std::uint64_t least =
      bits({CAP_BPF, CAP_PERFMON, CAP_SYS_PTRACE, CAP_DAC_READ_SEARCH, CAP_CHECKPOINT_RESTORE});
  const bool by_perf_events = probe::best_attach_method() == probe::AttachMethod::kPerfEvent;
  return by_perf_events ? least | bits({CAP_SYS_ADMIN}) : least;
}

// Of root: attaching, and starting children that may do nothing.
std::uint64_t starting_children() {
  return bits({CAP_SETUID, CAP_SETGID, CAP_SETPCAP, CAP_SYS_CHROOT, CAP_KILL});
}

std::uint64_t allowed(const std::string& thread_name, std::uint64_t to_attach) {
  static const std::set<std::string> attachers = {"discovery", "recogniser", "begin", "calibrate",
                                                  "profiler"};
  if (attachers.contains(thread_name)) return to_attach;
  return thread_name == "memory" ? bits({CAP_SYS_PTRACE}) : 0;
}

std::multiset<std::string> names_of(const std::vector<ThreadStatus>& threads) {
  std::multiset<std::string> names;
  for (const ThreadStatus& thread : threads) names.insert(thread.at("Name"));
  return names;
}

// Otherwise nothing was looked at.
void expect_all_kinds(const std::vector<ThreadStatus>& threads) {
  const auto names = names_of(threads);
  for (const char* name :
       {"discovery", "recogniser", "memory", "auditor", "detacher", "profiler"}) {
    EXPECT_EQ(names.count(name), 1u) << name;
  }
}

TEST_F(Privileges, NoThreadButThoseThatAttachOrReadMemoryHoldsAnyCapability) {
  test::Minivalk minivalk;
  const Exporter exporter = Exporter::of_pid(minivalk.pid());
  ASSERT_TRUE(comes_to(exporter, "valkyria_up", {}, 1));
  test::HttpConnection open_connection(exporter.port());
  EXPECT_EQ(open_connection.get("/metrics").status, 200);
  const auto threads = threads_of(exporter.pid());
  for (const ThreadStatus& thread : threads) {
    const std::string& name = thread.at("Name");
    const std::uint64_t may = allowed(name, attaching() | starting_children());
    EXPECT_EQ(held_by(thread) & ~may, 0u) << name << ": " << std::hex << held_by(thread);
    EXPECT_EQ(set_in(thread, "CapBnd") & ~may, 0u) << name << ": " << thread.at("CapBnd");
  }
  expect_all_kinds(threads);
}

TEST_F(Privileges, EachThreadLosesSystemCallsAndCanGainNothing) {
  test::Minivalk minivalk;
  const Exporter exporter = Exporter::of_pid(minivalk.pid());
  ASSERT_TRUE(comes_to(exporter, "valkyria_up", {}, 1));
  const auto threads = threads_of(exporter.pid());
  for (const ThreadStatus& thread : threads) {
    const std::string& name = thread.at("Name");
    EXPECT_EQ(thread.at("NoNewPrivs"), "1") << name;
#ifndef VALKYRIA_SANITIZED
    EXPECT_EQ(thread.at("Seccomp"), "2") << name;
#endif
  }
  expect_all_kinds(threads);
}

TEST_F(Privileges, WhatIsKeptIsEnoughToGoOnReadingAndAttaching) {
  const Exporter exporter({"--exe", puppet_path("probe_puppet")});
  Puppet puppet;
  const std::string name = name_of(exporter, puppet.pid());
  puppet.tell("requests 1 2");
  EXPECT_EQ(exporter.metrics().sum("http_requests_total", {{"process", name}}), 2);
}

// A place where another user may go.
class AsAnotherUser : public EndToEnd {
 protected:
  void SetUp() override {
    EndToEnd::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    std::string name = (fs::temp_directory_path() / "valkyria-user-XXXXXX").string();
    directory_ = ::mkdtemp(name.data());
    fs::permissions(directory_, fs::perms(0755));
  }
  void TearDown() override {
    if (!directory_.empty()) fs::remove_all(directory_);
  }

  fs::path directory_;
};

TEST_F(AsAnotherUser, ItKeepsOnlyWhatAttachingTakes) {
  test::Minivalk minivalk;
  const Exporter exporter({"--pid", std::to_string(minivalk.pid()), "--user", "nobody",
                           "--cache-dir", (directory_ / "cache").string()});
  ASSERT_TRUE(comes_to(exporter, "valkyria_up", {}, 1));
  const auto threads = threads_of(exporter.pid());
  for (const ThreadStatus& thread : threads) {
    const std::string& name = thread.at("Name");
    const std::uint64_t may = allowed(name, attaching());
    EXPECT_EQ(held_by(thread) & ~may, 0u) << name << ": " << std::hex << held_by(thread);
    EXPECT_EQ(set_in(thread, "CapBnd") & ~attaching(), 0u) << name << ": " << thread.at("CapBnd");
    EXPECT_EQ(thread.at("NoNewPrivs"), "1") << name;
    EXPECT_TRUE(thread.at("Uid").starts_with("65534\t65534\t65534\t65534")) << thread.at("Uid");
    EXPECT_EQ(thread.at("Groups").find_first_not_of("65534 \t"), std::string::npos);
  }
  expect_all_kinds(threads);
}

TEST_F(AsAnotherUser, ItTellsWhatRootTellsAndKeepsItsLayouts) {
  test::Minivalk minivalk;
  minivalk.command("eval (fib 10)");
  const fs::path cache = directory_ / "cache";
  const Exporter exporter(
      {"--user", "nobody", "--cache-dir", cache.string(), "--name", "minivalk"});
  const std::string name = name_of(exporter, minivalk.pid());
  ASSERT_NE(name, "");
  EXPECT_TRUE(comes_to(exporter, "valkyria_exporter_collector_success",
                       {{"process", name}, {"collector", "state"}}, 1));
  EXPECT_TRUE(test::wait_until(test::soon(), [&] { return !fs::is_empty(cache); }));
  struct stat status {};
  ASSERT_EQ(::stat(fs::directory_iterator(cache)->path().c_str(), &status), 0);
  EXPECT_EQ(status.st_uid, 65534u);
}

TEST_F(AsAnotherUser, WhoShareHisUserCanNotLookIntoTheExporter) {
  test::Minivalk minivalk;
  const Exporter exporter({"--pid", std::to_string(minivalk.pid()), "--user", "nobody"});
  const std::string memory = "/proc/" + std::to_string(exporter.pid()) + "/mem";
  const Answer answer = run_to_end({"--reuid=65534", "--regid=65534", "--clear-groups", "/bin/sh",
                                    "-c", "exec 3<" + memory + " && echo opened"},
                                   "/usr/bin/setpriv");
  EXPECT_NE(answer.code, 0);
  EXPECT_EQ(answer.out, "");
}

TEST_F(AsAnotherUser, WhoIsNotThereFailsTheStart) {
  const FailedStart failed = run_to_failure({"--user", "no-such-user-here"});
  EXPECT_EQ(failed.status.code, 1);
  EXPECT_NE(failed.message.find("become user \"no-such-user-here\": there is none of this name"),
            std::string::npos)
      << failed.message;
}

}  // namespace
}  // namespace e2e
