// From attach to exit, and what is left behind.
#include <signal.h>

#include <chrono>
#include <fstream>
#include <sstream>

#include "exporter.h"
#include "support/minivalk.h"

namespace e2e {
namespace {

using Lifecycle = EndToEnd;

std::string status_field(pid_t pid, const std::string& field) {
  std::ifstream status("/proc/" + std::to_string(pid) + "/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with(field + ":")) return line.substr(field.size() + 2);
  }
  return "";
}

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

TEST_F(Lifecycle, KeepsOnlyThePrivilegesThatLaterWorkNeeds) {
  Puppet puppet;
  const Exporter exporter = Exporter::of_pid(puppet.process.pid());
  constexpr std::uint64_t kSysPtrace = 1ULL << 19;
  constexpr std::uint64_t kBpf = 1ULL << 39;
  const std::string effective = status_field(exporter.pid(), "CapEff");
  EXPECT_EQ(std::stoull(effective, nullptr, 16), kSysPtrace | kBpf) << effective;
  EXPECT_EQ(status_field(exporter.pid(), "NoNewPrivs"), "1");
  // And they are enough to go on reading.
  puppet.tell("requests 1 2");
  EXPECT_EQ(exporter.metrics().sum("http_requests_total"), 2);
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
  EXPECT_EQ(exporter.get("/-/ready").status, 503);
  EXPECT_EQ(exporter.get("/-/healthy").status, 200);
}

TEST_F(Lifecycle, FollowsEveryProcessOfAnExecutableUnderItsOwnName) {
  Puppet first;
  const Exporter exporter({"--exe", puppet_path("probe_puppet")});
  first.tell("requests 1 3");
  Puppet second;
  // Fetching looks for processes: from here on the second one is watched.
  EXPECT_EQ(exporter.metrics().series("valkyria_up").size(), 2u);
  second.tell("requests 1 5");
  const test::Samples exported = exporter.metrics();
  EXPECT_EQ(exported.sum("http_requests_total", {{"process", "probe_puppet"}}), 3);
  EXPECT_EQ(exported.sum("http_requests_total", {{"process", "probe_puppet-2"}}), 5);
  first.process.signal(SIGKILL);
  ASSERT_TRUE(first.process.wait(test::soon()));
  const test::Samples after = exporter.metrics();
  EXPECT_TRUE(after.series("http_requests_total", {{"process", "probe_puppet"}}).empty());
  EXPECT_EQ(after.sum("http_requests_total", {{"process", "probe_puppet-2"}}), 5);
}

TEST_F(Lifecycle, WaitsForAnExecutableThatNobodyRunsYet) {
  const Exporter exporter({"--exe", puppet_path("probe_puppet")});
  EXPECT_TRUE(exporter.metrics().series("valkyria_up").empty());
  EXPECT_EQ(exporter.get("/-/ready").status, 503);
  Puppet puppet;
  EXPECT_EQ(exporter.metrics().integer("valkyria_up", {{"process", "probe_puppet"}}), 1u);
}

}  // namespace
}  // namespace e2e
