// Memory that is not what it should be: nobody waits for it, and nothing wrong is served.
#include <nlohmann/json.hpp>

#include <csignal>

#include "exporter.h"
#include "support/minivalk.h"

namespace e2e {
namespace {

using StateTrouble = EndToEnd;
using test::Samples;
using Clock = std::chrono::steady_clock;

std::uint64_t state_success(const Samples& exported) {
  return exported.integer("valkyria_exporter_collector_success", {{"collector", "state"}});
}

struct Watched {
  Puppet puppet{puppet_path("state_puppet")};
  Exporter exporter = Exporter::of_pid(puppet.pid());
};

TEST_F(StateTrouble, APageThatIsGoneLeavesMemorysFamiliesOutAndTheProbesIn) {
  Watched watched;
  watched.puppet.tell("cycles 7");
  EXPECT_EQ(watched.exporter.metrics().integer("valk_gc_cycles_total"), 7u);
  watched.puppet.tell("unmap");
  const Samples without = watched.exporter.metrics();
  EXPECT_EQ(state_success(without), 0u);
  EXPECT_TRUE(without.series("valk_gc_cycles_total").empty());
  EXPECT_TRUE(without.series("http_requests_total").empty());
  EXPECT_EQ(without.integer("valkyria_up"), 1u);
  EXPECT_EQ(without.integer("valkyria_exporter_collector_success", {{"collector", "probes"}}), 1u);
  EXPECT_GT(without.number("valkyria_exporter_probe_hits_total", {{"probe", "loop__stall"}}), 0);
  watched.puppet.tell("map");
  watched.puppet.tell("honest");
  watched.puppet.tell("cycles 8");
  const Samples again = watched.exporter.metrics();
  EXPECT_EQ(state_success(again), 1u);
  EXPECT_EQ(again.integer("valk_gc_cycles_total"), 8u);
}

TEST_F(StateTrouble, APageThatHangsCostsOneScrapeHalfASecondAndTheLaterOnesNothing) {
  Watched watched;
  watched.puppet.tell("hang");
  const auto start = Clock::now();
  EXPECT_EQ(state_success(watched.exporter.metrics()), 0u);
  EXPECT_LT(Clock::now() - start, std::chrono::seconds(2));
  const auto second = Clock::now();
  for (int i = 0; i < 50; ++i) {  // 10 s, if each waited for it
    const Samples exported = watched.exporter.metrics();
    EXPECT_EQ(state_success(exported), 0u);
    EXPECT_TRUE(exported.series("valk_gc_cycles_total").empty());
  }
  EXPECT_LT(Clock::now() - second, std::chrono::seconds(5));
  watched.puppet.tell("go-on");
  EXPECT_TRUE(test::wait_until(test::soon(),
                               [&] { return state_success(watched.exporter.metrics()) == 1; }));
}

TEST_F(StateTrouble, StoppingDoesNotWaitForAPageThatHangs) {
  Watched watched;
  watched.puppet.tell("hang");
  EXPECT_EQ(state_success(watched.exporter.metrics()), 0u);
  const auto start = Clock::now();
  watched.exporter.process().signal(SIGTERM);
  EXPECT_EQ(watched.exporter.process().wait(test::soon()),
            (test::ExitStatus{.signalled = false, .code = 0}));
  EXPECT_LT(Clock::now() - start, std::chrono::seconds(3));
  watched.puppet.tell("go-on");
}

TEST_F(StateTrouble, AnExecutableAtAFixedAddressIsReadToo) {
  Puppet puppet(puppet_path("state_puppet_fixed"));
  const Exporter exporter = Exporter::of_pid(puppet.pid());
  puppet.tell("cycles 5");
  EXPECT_EQ(exporter.metrics().integer("valk_gc_cycles_total"), 5u);
}

// What hangs for one process is left behind, and the next one is read.
TEST_F(StateTrouble, AProcessThatEndsWhileItsPageHangsIsLeftBehind) {
  const Exporter exporter({"--name", "state_puppet"});
  {
    Puppet puppet(puppet_path("state_puppet"));
    ASSERT_TRUE(
        test::wait_until(test::soon(), [&] { return exporter.metrics().sum("valkyria_up") == 1; }));
    puppet.tell("hang");
    EXPECT_EQ(
        exporter.metrics().sum("valkyria_exporter_collector_success", {{"collector", "state"}}), 0);
  }
  EXPECT_TRUE(
      test::wait_until(test::soon(), [&] { return exporter.metrics().sum("valkyria_up") == 0; }));
  Puppet next(puppet_path("state_puppet"));
  next.tell("cycles 4");
  EXPECT_TRUE(test::wait_until(
      test::soon(), [&] { return exporter.metrics().sum("valk_gc_cycles_total") == 4; }));
}

// Its memory is refused from the start: then the probes are the source, for good.
TEST_F(StateTrouble, MemoryThatWasNeverRightLeavesAllToTheProbes) {
  Puppet puppet(puppet_path("state_puppet"));
  puppet.tell("systems 9");
  const Exporter exporter = Exporter::of_pid(puppet.pid());
  puppet.tell("systems 1");
  const Samples exported = exporter.metrics();
  EXPECT_EQ(exported.sum("http_client_cache_hits_total"), 1);
  EXPECT_TRUE(exported.series("valk_gc_cycles_total").empty());
  EXPECT_TRUE(
      exported.series("valkyria_exporter_collector_success", {{"collector", "state"}}).empty());
}

TEST_F(StateTrouble, RandomBytesAreServedWellFormedOrNotAtAll) {
  Watched watched;
  for (int seed = 0; seed < 40; ++seed) {
    watched.puppet.tell("random " + std::to_string(seed));
    const Samples exported = watched.exporter.metrics();  // checks that it is well-formed
    for (const auto& [series, value] : exported.values) {
      EXPECT_GE(value.number, 0) << to_string(series);
    }
    const test::HttpResponse json = watched.exporter.get("/debug/metrics");
    EXPECT_TRUE(nlohmann::json::accept(json.body)) << seed;
    EXPECT_EQ(watched.exporter.get("/").status, 200);
  }
}

TEST_F(StateTrouble, ACountBeyondTheArrayIsNotBelieved) {
  Watched watched;
  watched.puppet.tell("systems 9");
  const Samples exported = watched.exporter.metrics();
  EXPECT_EQ(state_success(exported), 0u);
  EXPECT_TRUE(exported.series("valk_aio_servers_count").empty());
}

TEST_F(StateTrouble, AGaugeBelowZeroIsAbsent) {
  Watched watched;
  watched.puppet.tell("used 18446744073709551615");
  const Samples exported = watched.exporter.metrics();
  EXPECT_EQ(state_success(exported), 1u);
  EXPECT_TRUE(exported.series("valk_gc_heap_used_bytes").empty());
  EXPECT_TRUE(exported.series("valk_gc_heap_utilization_ratio").empty());
}

TEST_F(StateTrouble, IntegersAreExactBeyondWhatADoubleHolds) {
  Watched watched;
  watched.puppet.tell("cycles 9007199254740993");  // 2^53 + 1
  EXPECT_EQ(watched.exporter.metrics().integer("valk_gc_cycles_total"), 9007199254740993u);
  const auto json = nlohmann::json::parse(watched.exporter.get("/debug/metrics").body);
  const auto& cycles = json["vm_metrics"]["gc"]["cycles_total"];
  EXPECT_TRUE(cycles.is_number_unsigned());
  EXPECT_EQ(cycles.get<std::uint64_t>(), 9007199254740993u);
}

TEST_F(StateTrouble, AStoppedProcessIsReadLikeARunningOne) {
  test::Minivalk minivalk;
  const Exporter exporter = Exporter::of_pid(minivalk.pid());
  minivalk.command("gc");
  minivalk.process().signal(SIGSTOP);
  const Samples exported = exporter.metrics();
  EXPECT_EQ(state_success(exported), 1u) << "in time";
  EXPECT_EQ(exported.integer("valk_gc_cycles_total"), 1u);
  minivalk.process().signal(SIGCONT);
  EXPECT_EQ(minivalk.command("eval 1"), "1");
}

// Ends at every moment of a scrape, sooner or later.
TEST_F(StateTrouble, AProcessThatDiesDuringScrapesIsDownInTheEnd) {
  for (int round = 0; round < 5; ++round) {
    test::Minivalk minivalk;
    const Exporter exporter = Exporter::of_pid(minivalk.pid());
    test::HttpConnection connection(exporter.port());
    const auto scrape = [&] {
      const test::HttpResponse response = connection.get("/metrics");
      EXPECT_EQ(response.status, 200);
      const Samples exported = test::parse_prometheus(response.body);
      EXPECT_TRUE(exported.problems.empty());
      return exported;
    };
    for (int i = 0; i < 10 + round; ++i) scrape();
    minivalk.process().signal(SIGKILL);
    EXPECT_TRUE(test::wait_until(test::soon(), [&] {
      const Samples exported = scrape();
      for (const auto& series : exported.series("valk_gc_cycles_total")) {
        EXPECT_EQ(exported.integer(series.name, series.labels), 0u);
      }
      return exported.integer("valkyria_up") == 0;
    }));
    EXPECT_TRUE(scrape().series("valk_gc_cycles_total").empty());
  }
}

TEST_F(StateTrouble, WithoutTheSystemCallMemoryIsReadFromProc) {
  test::Minivalk minivalk;
  minivalk.command("gc");
  const Answer answer = run_to_end({"process_vm_readv", "1", exporter_path(), "dump", "--pid",
                                    std::to_string(minivalk.pid()), "--cache-dir", ""},
                                   puppet_path("without_call"));
  EXPECT_EQ(answer.code, 0) << answer.err;
  const Samples exported = test::parse_prometheus(answer.out);
  EXPECT_EQ(state_success(exported), 1u);
  EXPECT_EQ(exported.integer("valk_gc_cycles_total"), 1u);
}

}  // namespace
}  // namespace e2e
