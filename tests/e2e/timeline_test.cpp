// Single events of a live minivalk, one thing after the other.
#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "exporter.h"
#include "support/http_load.h"
#include "support/minivalk.h"

namespace e2e {
namespace {

using Json = nlohmann::json;

class Timeline : public EndToEnd {};

Json read_events(const Exporter& exporter, const std::string& query = "") {
  const test::HttpResponse response = exporter.get("/debug/gc-events" + query);
  EXPECT_EQ(response.status, 200) << response.body;
  return Json::parse(response.body);
}

std::vector<Json> of_kind(const Json& document, const std::string& kind) {
  std::vector<Json> events;
  for (const Json& event : document["events"]) {
    if (event["kind"] == kind) events.push_back(event);
  }
  return events;
}

std::vector<Json> wait_for(const Exporter& exporter, const std::string& kind, std::size_t count) {
  std::vector<Json> events;
  EXPECT_TRUE(test::wait_until(test::soon(), [&] {
    events = of_kind(read_events(exporter), kind);
    return events.size() >= count;
  }));
  return events;
}

TEST_F(Timeline, HasEachCollectionWithWhatTheRuntimeKnowsOfIt) {
  test::Minivalk minivalk;
  const Exporter exporter = Exporter::of_pid(minivalk.pid());
  for (int i = 0; i < 20; ++i) minivalk.command("gc");
  const auto events = wait_for(exporter, "gc", 20);
  const test::Samples truth = minivalk.truth();
  ASSERT_EQ(events.size(), 20u);
  double pauses_ms = 0;
  double last_seq = 0;
  double last_unix_ms = 0;
  for (const Json& event : events) {
    pauses_ms += event["pause_ms"].get<double>();
    EXPECT_EQ(event["reason"], "explicit");
    EXPECT_EQ(event["world_stopped"], true);
    EXPECT_GT(event["safepoint_ms"], 0);
    EXPECT_GE(event["used_before"], event["used_after"]);
    EXPECT_FALSE(event["arrivals"].empty());
    EXPECT_GT(event["seq"], last_seq);
    EXPECT_GT(event["unix_ms"], last_unix_ms);
    last_seq = event["seq"];
    last_unix_ms = event["unix_ms"];
  }
  const double true_ms = 1'000 * truth.number("valk_gc_pause_seconds_total");
  EXPECT_NEAR(pauses_ms, true_ms, 0.05 * true_ms + 20 * 0.01);
  EXPECT_EQ(events.back()["used_after"], truth.integer("valk_gc_heap_live_bytes"));
}

TEST_F(Timeline, GoesOnFromASequenceAndBeginsAnewForAnotherEpoch) {
  test::Minivalk minivalk;
  const Exporter exporter = Exporter::of_pid(minivalk.pid());
  wait_for(exporter, "target", 1);  // that it was found: nothing else comes by itself
  for (int i = 0; i < 3; ++i) minivalk.command("gc");
  wait_for(exporter, "gc", 3);
  const Json all = read_events(exporter);
  const std::string epoch = all["epoch"];
  const std::string second = std::to_string(all["events"][1]["seq"].get<std::uint64_t>());
  const Json rest = read_events(exporter, "?since=" + epoch + "-" + second);
  EXPECT_EQ(rest["events"].size(), all["events"].size() - 2);
  EXPECT_EQ(rest["reset"], false);
  const Json anew = read_events(exporter, "?since=ffffffff00-" + second);
  EXPECT_EQ(anew["reset"], true);
  EXPECT_EQ(anew["events"].size(), all["events"].size());
  EXPECT_EQ(read_events(exporter, "?limit=1")["events"].size(), 1u);
  for (const char* query : {"?since=x", "?since=-1", "?since=", "?limit=0", "?limit=many"}) {
    EXPECT_EQ(exporter.get(std::string("/debug/gc-events") + query).status, 400) << query;
  }
}

TEST_F(Timeline, HasStallsOfTheLoop) {
  test::Minivalk minivalk;
  const Exporter exporter = Exporter::of_pid(minivalk.pid());
  EXPECT_EQ(test::get(minivalk.port(), "/stall?ms=50").status, 200);
  const auto events = wait_for(exporter, "stall", 1);
  ASSERT_FALSE(events.empty());
  EXPECT_EQ(events[0]["system"], "main");
  EXPECT_GE(events[0]["busy_ms"], 50);
}

// The time of requests inside pauses is the overlap of the two.
TEST_F(Timeline, TellsWhichRequestsACollectionHit) {
  test::Minivalk minivalk;
  const Exporter exporter = Exporter::of_pid(minivalk.pid());
  EXPECT_EQ(exporter.metrics().sum("http_request_gc_pause_seconds_total"), 0);
  ASSERT_TRUE(test::wait_until(test::soon(), [&] {
    test::run_load(minivalk.port(), 2, {"/alloc?kb=512"}, 50);
    return exporter.metrics().sum("http_request_gc_pause_seconds_total") > 0;
  }));
  EXPECT_TRUE(test::wait_until(test::soon(), [&] {
    const auto events = of_kind(read_events(exporter), "gc");
    return std::any_of(events.begin(), events.end(), [](const Json& event) {
      return event["requests_hit"].is_number() && event["requests_hit"] > 0;
    });
  }));
  const test::Samples exported = exporter.metrics();
  EXPECT_LE(exported.sum("http_request_gc_pause_seconds_total"),
            2 * exported.number("valk_gc_pause_duration_seconds_sum"));
}

}  // namespace
}  // namespace e2e
