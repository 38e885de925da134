// What the numbers say, and what they cost, on a live minivalk.
#include <gmock/gmock.h>
#include <signal.h>

#include <nlohmann/json.hpp>
#include <set>

#include "exporter.h"
#include "support/http_load.h"
#include "support/minivalk.h"

namespace e2e {
namespace {

using test::Samples;

class Numbers : public EndToEnd {};

double group_attached(const Samples& exported, const std::string& group) {
  return exported.number("valkyria_probe_group_attached", {{"group", group}});
}

// rate() must see the first event of each: so there is a 0 before it.
TEST_F(Numbers, OfProbesBeginAtZeroForAllThatIsKnown) {
  test::Minivalk minivalk({"--servers", "2", "--systems", "main,background"});
  const Exporter exporter = Exporter::of_pid(minivalk.pid());
  const Samples exported = exporter.metrics();
  EXPECT_EQ(exported.integer("valk_gc_pause_duration_seconds_count"), 0u);
  EXPECT_EQ(exported.integer("valk_gc_time_to_safepoint_seconds_count"), 0u);
  EXPECT_EQ(exported.integer("valk_gc_pause_duration_seconds_bucket", {{"le", "1"}}), 0u);
  for (const char* kind : {"script", "repl", "request", "timer", "task"}) {
    EXPECT_EQ(exported.integer("valk_eval_duration_seconds_count", {{"kind", kind}}), 0u);
  }
  for (const char* system : {"main", "background"}) {
    EXPECT_NO_THROW(
        (void)exported.integer("valk_loop_stall_duration_seconds_count", {{"system", system}}));
    for (const char* state : {"connecting", "active", "idle", "closing"}) {
      EXPECT_EQ(exported.integer("valk_aio_connection_state_duration_seconds_count",
                                 {{"system", system}, {"state", state}}),
                0u);
    }
    EXPECT_EQ(exported.integer("valk_aio_connection_transitions_total",
                               {{"system", system}, {"from", "idle"}, {"to", "active"}}),
              0u);
  }
  for (const test::MinivalkServer& server : minivalk.servers()) {
    EXPECT_EQ(exported.integer("http_request_eval_duration_seconds_count", server.labels()), 0u);
  }
}

TEST_F(Numbers, ThatMemoryHasTakeNoTrap) {
  test::Minivalk minivalk;
  const Exporter exporter = Exporter::of_pid(minivalk.pid());
  test::run_load(minivalk.port(), 1, {"/client?name=redis&ops=10"}, 3);
  const Samples exported = exporter.metrics();
  for (const char* probe : {"overload", "client__operation", "client__cache"}) {
    EXPECT_EQ(exported.integer("valkyria_exporter_probe_attached", {{"probe", probe}}), 0u);
    EXPECT_TRUE(exported.series("valkyria_exporter_probe_hits_total", {{"probe", probe}}).empty());
  }
  EXPECT_EQ(group_attached(exported, "client"), 0);
  EXPECT_EQ(group_attached(exported, "http"), 1);
  EXPECT_EQ(exported.sum("http_client_operations_total"), 30);
  EXPECT_EQ(exported.sum("http_client_request_duration_seconds_count"), 30);
}

TEST_F(Numbers, AreListedWithTheirSources) {
  test::Minivalk minivalk;
  const Exporter exporter = Exporter::of_pid(minivalk.pid());
  test::run_load(minivalk.port(), 1, {"/", "/client?name=redis&ops=2"}, 4);
  const auto json = nlohmann::json::parse(exporter.get("/debug/metrics").body);
  std::set<std::string> listed;
  for (const auto& [family, source] : json["process"]["sources"].items()) listed.insert(family);
  std::set<std::string> shown;
  for (const auto& [family, type] : exporter.metrics().types) shown.insert(family);
  EXPECT_EQ(listed, shown);
}

TEST_F(Numbers, TellWhatProbesCost) {
  test::Minivalk minivalk;
  const Exporter exporter = Exporter::of_pid(minivalk.pid());
  test::run_load(minivalk.port(), 1, {"/"}, 100);
  Samples exported;
  ASSERT_TRUE(test::wait_until(test::soon(), [&] {
    exported = exporter.metrics();
    return !exported.series("valkyria_exporter_probe_hit_cost_seconds").empty();
  }));
  const double cost_seconds = exported.number("valkyria_exporter_probe_hit_cost_seconds");
  EXPECT_GT(cost_seconds, 100e-9);
  EXPECT_LT(cost_seconds, 50e-6);
  const test::Labels probe{{"probe", "request__end"}};
  EXPECT_EQ(exported.integer("valkyria_exporter_probe_hits_total", probe), 100u);
  EXPECT_NEAR(exported.number("valkyria_exporter_probe_overhead_seconds_total", probe),
              100 * cost_seconds, 1e-9);
}

TEST_F(Numbers, StandStillWhileTheProcessIsStopped) {
  test::Minivalk minivalk;
  const Exporter exporter = Exporter::of_pid(minivalk.pid());
  const auto is_in = [&](const char* state) {
    return test::wait_until(test::soon(), [&] {
      const Samples exported = exporter.metrics();
      return exported.integer("valkyria_process_state", {{"state", state}}) == 1 &&
             exported.sum("valkyria_process_state") == 1;
    });
  };
  EXPECT_TRUE(is_in("running"));
  minivalk.process().signal(SIGSTOP);
  EXPECT_TRUE(is_in("stopped"));
  const auto idle = [&] { return exporter.metrics().sum("valk_loop_idle_seconds_total"); };
  const double idle_before = idle();
  const auto until = test::in(std::chrono::milliseconds(300));
  EXPECT_FALSE(test::wait_until(until, [&] { return idle() != idle_before; }));
  EXPECT_EQ(exporter.metrics().integer("valkyria_up"), 1u);
  const auto json = nlohmann::json::parse(exporter.get("/debug/metrics").body);
  EXPECT_EQ(json["process"]["state"], "stopped");
  minivalk.process().signal(SIGCONT);
  EXPECT_TRUE(is_in("running"));
  EXPECT_TRUE(test::wait_until(test::soon(), [&] { return idle() > idle_before; }));
}

// A budget that a handful of requests exceeds. Totals and latencies go on.
TEST_F(Numbers, ThatCostTooMuchAreGivenUp) {
  test::Minivalk minivalk;
  const Exporter exporter({"--pid", std::to_string(minivalk.pid()), "--overhead.max", "0.001%"});
  Samples exported;
  std::uint64_t requests = 0;
  ASSERT_TRUE(test::wait_until(test::in(std::chrono::seconds(60)), [&] {
    test::run_load(minivalk.port(), 2, {"/"}, 200);
    requests += 200;
    exported = exporter.metrics();
    return group_attached(exported, "http") == 0;
  }));
  EXPECT_EQ(exported.integer("valkyria_probe_group_detachments_total", {{"group", "http"}}), 1u);
  EXPECT_EQ(exported.integer("valkyria_exporter_probe_attached", {{"probe", "request__end"}}), 0u);
  EXPECT_TRUE(exported.series("http_request_eval_duration_seconds_count").empty());
  EXPECT_TRUE(
      exported.series("valk_aio_connection_transitions_total", {{"from", "idle"}, {"to", "active"}})
          .empty());
  EXPECT_EQ(group_attached(exported, "gc"), 1);
  EXPECT_EQ(group_attached(exported, "connection"), 1);
  const test::Labels probe{{"probe", "request__end"}};
  const std::uint64_t hits =
      exporter.metrics().integer("valkyria_exporter_probe_hits_total", probe);
  test::run_load(minivalk.port(), 2, {"/"}, 100);
  const Samples after = exporter.metrics();
  const auto all = static_cast<double>(requests + 100);
  EXPECT_EQ(after.sum("http_requests_total"), all);
  EXPECT_EQ(after.sum("http_request_duration_seconds_count"), all);
  EXPECT_EQ(after.integer("valkyria_exporter_probe_hits_total", probe), hits);
  EXPECT_LE(hits, requests);
  EXPECT_EQ(after.sum("valkyria_exporter_missed_events_total"), 0);
  EXPECT_THAT(exporter.log(), testing::HasSubstr("the probes of group http are taken out of pid"));
  const auto json = nlohmann::json::parse(exporter.get("/debug/metrics").body);
  for (const auto& group : json["process"]["groups"]) {
    EXPECT_EQ(group["detachments"], group["group"] == "http" ? 1 : 0) << group["group"];
  }
}

}  // namespace
}  // namespace e2e
