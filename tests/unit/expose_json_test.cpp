#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "expose/json.h"
#include "expose_support.h"

namespace {

using expose::write_json;
using expose_test::full_snapshot;
using nlohmann::json;
using testing::ElementsAre;

json written(const model::Snapshot& snapshot) {
  return json::parse(write_json(snapshot, snapshot.targets.at(0)));
}

std::vector<std::string> keys_of(const json& object) {
  std::vector<std::string> keys;
  for (const auto& item : object.items()) keys.push_back(item.key());
  return keys;
}

TEST(WriteJson, HasTheRuntimesFourKeysAndOurTwo) {
  EXPECT_THAT(keys_of(written(full_snapshot())),
              ElementsAre("aio_metrics", "aio_systems", "exporter", "modular_metrics", "process",
                          "vm_metrics"));
}

TEST(WriteJson, HasTheRuntimesNesting) {
  const json document = written(full_snapshot());
  EXPECT_THAT(keys_of(document["aio_metrics"]),
              ElementsAre("bytes", "connections", "streams", "system", "uptime_seconds"));
  EXPECT_THAT(keys_of(document["aio_metrics"]["connections"]),
              ElementsAre("active", "closing", "connecting", "failed", "idle", "rejected",
                          "rejected_load", "total"));
  EXPECT_THAT(keys_of(document["aio_systems"][0]),
              ElementsAre("connections", "loop", "name", "system", "uptime_seconds"));
  EXPECT_THAT(keys_of(document["modular_metrics"]),
              ElementsAre("counters", "gauges", "histograms", "uptime_seconds"));
  EXPECT_THAT(keys_of(document["vm_metrics"]), ElementsAre("event_loop", "gc", "interpreter"));
  EXPECT_THAT(
      keys_of(document["vm_metrics"]["gc"]),
      ElementsAre("cycles_total", "heap_total_bytes", "heap_used_bytes", "heap_utilization_pct",
                  "pause_ms_avg", "pause_us_max", "pause_us_total", "reclaimed_bytes_total"));
}

TEST(WriteJson, WritesWhatIsKnownAboutTheVm) {
  const json gc = written(full_snapshot())["vm_metrics"]["gc"];
  EXPECT_EQ(gc["cycles_total"], 3);
  EXPECT_EQ(gc["pause_us_total"], 4'000);
  EXPECT_EQ(gc["pause_us_max"], 2'000);
  EXPECT_DOUBLE_EQ(gc["pause_ms_avg"].get<double>(), 4.0005 / 3);
  EXPECT_EQ(gc["reclaimed_bytes_total"], 1'000);
  EXPECT_EQ(gc["heap_total_bytes"], 65'536);
}

// Every leaf that is not null, by its path.
void collect_known(const json& value, const std::string& path, std::vector<std::string>& known) {
  if (value.is_structured()) {
    for (const auto& item : value.items())
      collect_known(item.value(), path + "/" + item.key(), known);
  } else if (!value.is_null()) {
    known.push_back(path);
  }
}

TEST(WriteJson, WritesNullForEveryNumberThatIsNotKnown) {
  model::Snapshot snapshot;
  snapshot.targets.resize(1);
  snapshot.targets[0].systems.resize(1);
  std::vector<std::string> known;
  collect_known(written(snapshot), "", known);
  EXPECT_THAT(known, testing::UnorderedElementsAre("/aio_systems/0/name", "/exporter/version",
                                                   "/process/name", "/process/pid", "/process/up"));
}

TEST(WriteJson, KnowsNoMeanOfNoPauses) {
  auto snapshot = full_snapshot();
  snapshot.targets[0].gc.pause_ns = expose_test::histogram({0, 0, 0, 0}, 0);
  EXPECT_TRUE(written(snapshot)["vm_metrics"]["gc"]["pause_ms_avg"].is_null());
}

TEST(WriteJson, KeepsIntegersExact) {
  auto snapshot = full_snapshot();
  snapshot.targets[0].gc.cycles = 9'007'199'254'740'993;
  snapshot.targets[0].servers[0].bytes_sent = 18'446'744'073'709'551'615U;
  const std::string text = write_json(snapshot, snapshot.targets[0]);
  EXPECT_THAT(text, testing::HasSubstr("\"cycles_total\":9007199254740993,"));
  EXPECT_THAT(text, testing::HasSubstr("\"value\":18446744073709551615,"));
}

TEST(WriteJson, WritesServersAsTheRuntimesCounters) {
  const json counters = written(full_snapshot())["modular_metrics"]["counters"];
  ASSERT_EQ(counters.size(), 5U);
  EXPECT_EQ(counters[0], json::parse(R"({"name": "http_requests_total", "value": 7, "labels":
      {"server": "0.0.0.0", "port": "8080", "protocol": "http", "status": "2xx"}})"));
}

TEST(WriteJson, WritesHistogramsWithTheCountOfEachBucket) {
  auto snapshot = full_snapshot();
  snapshot.targets[0].servers.push_back(expose_test::server("::1"));
  const json histograms = written(snapshot)["modular_metrics"]["histograms"];
  ASSERT_EQ(histograms.size(), 2U);
  EXPECT_EQ(histograms[0], json::parse(R"({"name": "http_request_duration_seconds",
      "count": 8, "sum": 12.345678901,
      "labels": {"server": "0.0.0.0", "port": "8080", "protocol": "http"},
      "buckets": [{"le": 0.00001, "count": 1}, {"le": 0.0025, "count": 2},
                  {"le": 10.0, "count": 3}, {"le": "+Inf", "count": 2}]})"));
  EXPECT_EQ(histograms[1]["labels"]["server"], "::1");
  EXPECT_EQ(histograms[1]["buckets"], histograms[0]["buckets"]);
}

TEST(WriteJson, SumsEqualServersAndNamesEqualSystemsOnce) {
  auto snapshot = full_snapshot();
  snapshot.targets[0].servers.push_back(snapshot.targets[0].servers[0]);
  snapshot.targets[0].systems.push_back(snapshot.targets[0].systems[0]);
  const json document = written(snapshot);
  EXPECT_EQ(document["modular_metrics"]["counters"][0]["value"], 14);
  EXPECT_EQ(document["modular_metrics"]["histograms"][0]["count"], 16);
  EXPECT_EQ(document["aio_systems"].size(), 1U);
}

TEST(WriteJson, LeavesTheProcessOutOfTheLabels) {
  auto snapshot = full_snapshot();
  snapshot.targets[0].process = "web";
  const json document = written(snapshot);
  EXPECT_FALSE(document["modular_metrics"]["counters"][0]["labels"].contains("process"));
  EXPECT_EQ(document["process"]["name"], "web");
}

TEST(WriteJson, TellsAboutUsAndTheProcess) {
  const json document = written(full_snapshot());
  EXPECT_EQ(document["exporter"], json::parse(R"({"version": "0.1.0",
      "taken_unix_ms": 1700000001000,
      "probes": [{"probe": "gc__begin", "attached": true, "hits": 0},
                 {"probe": "overload", "attached": false, "hits": 0},
                 {"probe": "gc__end", "attached": false, "hits": 2}],
      "lost_events": [{"cause": "ring_full", "count": 5}]})"));
  EXPECT_EQ(document["process"], json::parse(R"({"name": "", "pid": 4711, "up": true,
      "attached_unix_ms": 1700000000123})"));
}

TEST(WriteJson, WritesTheTargetThatIsAskedFor) {
  auto snapshot = full_snapshot();
  snapshot.targets.push_back(snapshot.targets[0]);
  snapshot.targets[1].id.pid = 99;
  const json document = json::parse(write_json(snapshot, snapshot.targets[1]));
  EXPECT_EQ(document["process"]["pid"], 99);
}

TEST(WriteJson, MakesHostileTextsValid) {
  auto snapshot = full_snapshot();
  const std::string hostile("\"\\\n\0\xFF</script>\xC3", 15);
  auto& target = snapshot.targets[0];
  target.process = hostile;
  target.servers[0].host = hostile;
  target.systems[0].name = hostile;
  snapshot.exporter.version = hostile;
  snapshot.exporter.probes[0].probe = hostile;
  snapshot.exporter.lost_events[0].cause = hostile;
  const json document = written(snapshot);
  EXPECT_EQ(document["process"]["name"], "\"\\\n\xEF\xBF\xBD\xEF\xBF\xBD</script>\xEF\xBF\xBD");
}

}  // namespace
