// From attach to exit, and what is left behind.
#include <signal.h>

#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <memory>

#include "exporter.h"
#include "support/minivalk.h"

namespace e2e {
namespace {

using Lifecycle = EndToEnd;

class StopOn : public EndToEnd, public testing::WithParamInterface<int> {};

TEST_P(StopOn, TakesLessThanASecondAndLeavesNoTrace) {
  test::Minivalk minivalk;
  Exporter exporter = Exporter::of_pid(minivalk.pid());
  test::HttpConnection idle_client(exporter.port());
  EXPECT_EQ(idle_client.get("/metrics").status, 200);
  const std::string before = minivalk.command("eval (fib 15)");
  const auto start = std::chrono::steady_clock::now();
  exporter.process().signal(GetParam());
  const auto status = exporter.process().wait(test::soon());
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(1));
  ASSERT_TRUE(status);
  EXPECT_EQ(*status, (test::ExitStatus{.signalled = false, .code = 0})) << exporter.log();
  EXPECT_EQ(minivalk.command("eval (fib 15)"), before);
  EXPECT_EQ(before, "610");
  EXPECT_EQ(test::get(minivalk.port(), "/fib?n=10").body, "55\n");
}

INSTANTIATE_TEST_SUITE_P(Signals, StopOn, testing::Values(SIGINT, SIGTERM));

TEST_F(Lifecycle, SemaphoresAreRaisedWhileAttachedAndZeroAfterwards) {
  Puppet puppet;
  EXPECT_EQ(puppet.tell("semaphores"), "0");
  {
    Exporter exporter = Exporter::of_pid(puppet.process.pid());
    EXPECT_NE(puppet.tell("semaphores"), "0");
    exporter.process().signal(SIGTERM);
    ASSERT_TRUE(exporter.process().wait(test::soon()));
  }
  EXPECT_EQ(puppet.tell("semaphores"), "0");
}

TEST_F(Lifecycle, SemaphoresAreZeroAlsoAfterTheExporterWasKilled) {
  Puppet puppet;
  Exporter exporter = Exporter::of_pid(puppet.process.pid());
  exporter.process().signal(SIGKILL);
  ASSERT_TRUE(exporter.process().wait(test::soon()));
  EXPECT_TRUE(test::wait_until(test::soon(), [&] { return puppet.tell("semaphores") == "0"; }));
}

TEST_F(Lifecycle, SaysDownWhenTheWatchedProcessEndsAndStaysUp) {
  Puppet puppet;
  const Exporter exporter = Exporter::of_pid(puppet.process.pid());
  puppet.tell("requests 1 2");
  EXPECT_EQ(exporter.metrics().integer("valkyria_up"), 1u);
  puppet.process.signal(SIGKILL);
  ASSERT_TRUE(puppet.process.wait(test::soon()));
  const test::Samples exported = exporter.metrics();
  EXPECT_EQ(exported.integer("valkyria_up"), 0u);
  EXPECT_TRUE(exported.series("http_requests_total").empty());
  EXPECT_TRUE(exported.series("valkyria_process_info").empty());
  EXPECT_EQ(exporter.get("/-/ready").status, 503);
  EXPECT_EQ(exporter.get("/-/healthy").status, 200);
}

bool is_up(const Exporter& exporter, const std::string& process) {
  return test::wait_until(test::soon(), [&] {
    const test::Samples exported = exporter.metrics();
    const test::Value* up = exported.find("valkyria_up", {{"process", process}});
    return up != nullptr && up->number == 1;
  });
}

// It says so, and nothing else of it.
bool is_down(const Exporter& exporter, const std::string& process) {
  return test::wait_until(test::soon(), [&] {
    const test::Samples exported = exporter.metrics();
    const test::Value* up = exported.find("valkyria_up", {{"process", process}});
    return up != nullptr && up->number == 0 &&
           exported.series("valkyria_process_info", {{"process", process}}).empty() &&
           exported.series("valkyria_process_threads", {{"process", process}}).empty();
  });
}

double requests_of(const Exporter& exporter, const std::string& process) {
  return exporter.metrics().sum("http_requests_total", {{"process", process}});
}

TEST_F(Lifecycle, FollowsEveryProcessOfAnExecutableUnderItsOwnName) {
  auto first = std::make_unique<Puppet>();
  const Exporter exporter({"--exe", puppet_path("probe_puppet")});
  first->tell("requests 1 3");
  Puppet second;
  ASSERT_TRUE(is_up(exporter, "probe_puppet-2"));
  second.tell("requests 1 5");
  EXPECT_EQ(requests_of(exporter, "probe_puppet"), 3);
  EXPECT_EQ(requests_of(exporter, "probe_puppet-2"), 5);
  first->process.signal(SIGKILL);
  ASSERT_TRUE(first->process.wait(test::soon()));
  ASSERT_TRUE(is_down(exporter, "probe_puppet"));
  EXPECT_EQ(requests_of(exporter, "probe_puppet-2"), 5);
  // Started again: the free name, counted from zero.
  first = std::make_unique<Puppet>();
  ASSERT_TRUE(is_up(exporter, "probe_puppet"));
  first->tell("requests 1 7");
  second.tell("requests 1 1");
  EXPECT_EQ(requests_of(exporter, "probe_puppet"), 7);
  EXPECT_EQ(requests_of(exporter, "probe_puppet-2"), 6);
}

TEST_F(Lifecycle, WaitsForAnExecutableThatNobodyRunsYet) {
  const Exporter exporter({"--exe", puppet_path("probe_puppet")});
  EXPECT_TRUE(exporter.metrics().series("valkyria_up").empty());
  EXPECT_EQ(exporter.get("/-/ready").status, 503);
  Puppet puppet;
  EXPECT_TRUE(is_up(exporter, "probe_puppet"));
}

// The kernel tells of an exec: nobody has to look for it, which happens each 10 s. The bounds leave
// room for a busy machine.
TEST_F(Lifecycle, WatchesANewProcessWithinAMomentOfItsStart) {
  const Exporter exporter({"--exe", puppet_path("probe_puppet")});
  int late = 0;
  for (int i = 0; i < 10; ++i) {
    Puppet puppet;
    const auto start = std::chrono::steady_clock::now();
    ASSERT_NE(name_of(exporter, puppet.pid()), "");
    if (std::chrono::steady_clock::now() - start > std::chrono::seconds(1)) ++late;
  }
  EXPECT_LE(late, 2);
}

TEST_F(Lifecycle, FindsProcessesByNameAlsoOfSeveralExecutables) {
  const Exporter exporter({"--name", "probe_puppet", "--name", "minivalk"});
  Puppet puppet;
  test::Minivalk minivalk;
  const std::string puppet_name = name_of(exporter, puppet.process.pid());
  const std::string minivalk_name = name_of(exporter, minivalk.pid());
  EXPECT_TRUE(puppet_name.starts_with("probe_puppet"));
  EXPECT_TRUE(minivalk_name.starts_with("minivalk"));
  puppet.tell("requests 1 2");
  test::get(minivalk.port(), "/");
  minivalk.truth();
  EXPECT_EQ(requests_of(exporter, puppet_name), 2);
  EXPECT_EQ(requests_of(exporter, minivalk_name), 1);
}

TEST_F(Lifecycle, WithoutASelectionFindsEveryProcessThatHasTheProbes) {
  Puppet puppet;
  const Exporter exporter({});
  const std::string name = name_of(exporter, puppet.process.pid());
  ASSERT_TRUE(is_up(exporter, name));
  puppet.tell("gc 3");
  EXPECT_EQ(exporter.metrics().integer("valk_gc_cycles_total", {{"process", name}}), 3u);
}

class AfterExec : public EndToEnd, public testing::WithParamInterface<const char*> {};

TEST_P(AfterExec, OneProcessIsCountedAnew) {
  Puppet puppet;
  const Exporter exporter = Exporter::of_pid(puppet.process.pid());
  puppet.tell("names old 10.9.9.9");
  puppet.tell("requests 1 3");
  EXPECT_EQ(exporter.metrics().sum("http_requests_total"), 3);
  EXPECT_EQ(puppet.tell(GetParam()), "ready");
  ASSERT_TRUE(test::wait_until(test::soon(), [&] {
    return exporter.metrics().series("http_requests_total").empty() &&
           puppet.tell("semaphores") != "0" && exporter.metrics().integer("valkyria_up") == 1;
  }));
  puppet.tell("requests 1 2");
  const test::Samples exported = exporter.metrics();
  EXPECT_EQ(exported.integer("valkyria_up"), 1u);
  EXPECT_EQ(exported.sum("http_requests_total", {{"server", "127.0.0.1"}}), 2);
  EXPECT_EQ(exported.sum("http_requests_total"), 2);
}

TEST_P(AfterExec, AProcessOfAnExecutableHasNoOldNames) {
  Puppet puppet;
  const Exporter exporter({"--exe", puppet_path("probe_puppet")});
  const std::string name = name_of(exporter, puppet.process.pid());
  puppet.tell("names old 10.9.9.9");
  puppet.tell("requests 1 3");
  EXPECT_EQ(requests_of(exporter, name), 3);
  EXPECT_EQ(puppet.tell(GetParam()), "ready");
  ASSERT_TRUE(test::wait_until(test::soon(), [&] {
    const test::Samples exported = exporter.metrics();
    return exported.sum("http_requests_total") == 0 && exported.sum("valkyria_up") == 1;
  }));
  puppet.tell("requests 1 2");
  EXPECT_EQ(exporter.metrics().sum("http_requests_total", {{"server", "127.0.0.1"}}), 2);
}

INSTANTIATE_TEST_SUITE_P(From, AfterExec, testing::Values("exec", "exec-thread"));

TEST_F(Lifecycle, NamesAProcessByItsScript) {
  namespace fs = std::filesystem;
  const fs::path script =
      fs::temp_directory_path() / ("shop-" + std::to_string(::getpid()) + ".valk");
  std::ofstream(script) << "(define x 1)\n";
  test::Minivalk minivalk({"--script", script.string()});
  const Exporter exporter({"--name", "minivalk"});
  const std::string name = script.filename().string();
  ASSERT_TRUE(is_up(exporter, name));
  const test::Samples exported = exporter.metrics();
  const auto info = exported.series("valkyria_process_info", {{"process", name}});
  ASSERT_EQ(info.size(), 1u);
  EXPECT_EQ(info[0].labels.at("pid"), std::to_string(minivalk.pid()));
  EXPECT_EQ(info[0].labels.at("script"), script.string());
  EXPECT_EQ(fs::path(info[0].labels.at("exe")).filename(), "minivalk");
  EXPECT_EQ(info[0].labels.at("build_id").size(), 40u);
  EXPECT_GT(exported.number("valkyria_process_resident_memory_bytes", {{"process", name}}), 1e6);
  EXPECT_GT(exported.number("valkyria_process_start_time_seconds", {{"process", name}}), 1.7e9);
  EXPECT_GT(exported.number("process_resident_memory_bytes"), 1e6);
  fs::remove(script);
}

}  // namespace
}  // namespace e2e
