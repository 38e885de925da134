#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <nlohmann/json.hpp>

#include "expose/families.h"
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
  EXPECT_THAT(keys_of(document["vm_metrics"]["gc"]),
              ElementsAre("cells_total", "cells_total_bytes", "cells_used", "cells_used_bytes",
                          "cycles_total", "heap_live_bytes", "heap_peak_bytes", "heap_total_bytes",
                          "heap_used_bytes", "heap_utilization_pct", "last_collection_unix_ms",
                          "pause_ms_avg", "pause_us_max", "pause_us_total", "reclaimed_bytes_total",
                          "trigger_bytes"));
}

TEST(WriteJson, WritesWhatIsKnownAboutTheVm) {
  const json vm = written(full_snapshot())["vm_metrics"];
  EXPECT_EQ(vm["gc"], json::parse(R"({"cycles_total": 3, "pause_us_total": 4000,
      "pause_us_max": 2000, "pause_ms_avg": 1.3335, "reclaimed_bytes_total": 1000,
      "heap_used_bytes": 16384, "heap_total_bytes": 65536, "heap_utilization_pct": 25.0,
      "heap_live_bytes": 8192, "heap_peak_bytes": 40960, "trigger_bytes": 49152,
      "last_collection_unix_ms": 1700000000500,
      "cells_used": 3, "cells_total": 4, "cells_used_bytes": 192, "cells_total_bytes": 256})"));
  EXPECT_EQ(vm["interpreter"], json::parse(R"({"evals_total": 1, "function_calls": 2,
      "builtin_calls": 3, "stack_depth_max": 4, "closures_created": 5, "env_lookups": 6})"));
  EXPECT_EQ(vm["event_loop"], json::parse(R"({"iterations": 1, "events_processed": 2,
      "idle_time_us": 1000000, "idle_time_pct": 25.0})"));
}

TEST(WriteJson, WritesWhatIsKnownAboutTheAioSystem) {
  auto snapshot = full_snapshot();
  snapshot.targets[0].systems[0].bytes_sent = 8'192;
  const json aio = written(snapshot)["aio_metrics"];
  EXPECT_EQ(aio["uptime_seconds"], 4.0);
  EXPECT_EQ(aio["system"], json::parse(R"({"servers": 3, "clients": 4, "handles": 5,
      "arenas_used": 6, "arenas_total": 7, "tcp_buffers_used": 9, "tcp_buffers_total": 10,
      "queue_depth": 12, "pending_requests": 13, "pending_responses": 14})"));
  EXPECT_EQ(aio["connections"], json::parse(R"({"total": 15, "active": 19, "failed": 16,
      "rejected": null, "rejected_load": 17, "connecting": 18, "idle": 20, "closing": 21})"));
  EXPECT_EQ(aio["streams"], json::parse(R"({"total": 24, "active": 25})"));
  EXPECT_EQ(aio["bytes"]["sent_total"], 8'192);
  EXPECT_EQ(aio["bytes"]["recv_total"], 30);
  EXPECT_EQ(aio["bytes"]["sent_rate_kbps"], 2.0);
  EXPECT_EQ(aio["bytes"]["recv_rate_kbps"], 30 / 4.0 / 1024);
}

TEST(WriteJson, WritesEachAioSystem) {
  auto snapshot = full_snapshot();
  snapshot.targets[0].systems.push_back(expose_test::system("aux"));
  const json systems = written(snapshot)["aio_systems"];
  ASSERT_EQ(systems.size(), 2U);
  EXPECT_EQ(systems[0], json::parse(R"({"name": "main", "uptime_seconds": 4.0,
      "loop": {"iterations": 1, "events_processed": 2, "idle_time_us": 1000000},
      "system": {"servers": 3, "clients": 4, "handles": 5, "arenas_used": 6, "arenas_total": 7,
                 "arena_pool_overflow": 8, "tcp_buffers_used": 9, "tcp_buffers_total": 10,
                 "tcp_buffer_overflow": 11, "queue_depth": 12,
                 "connection_pool_total": 22, "connection_pool_used": 23,
                 "pending_requests": 13, "pending_responses": 14, "conn_slab_total": 112,
                 "conn_slab_available": 52},
      "connections": {"rejected_load": 17, "connecting": 18, "active": 19, "idle": 20,
                      "closing": 21}})"));
  EXPECT_EQ(systems[1]["name"], "aux");
}

TEST(WriteJson, TakesTheConnectionSlabAsTheRuntimeDoesButNeverBelowNothing) {
  auto snapshot = full_snapshot();
  auto& system = snapshot.targets[0].systems[0];
  system.arenas_total = 0;
  system.connections_active = 18'446'744'073'709'551'000U;
  const json of_many = written(snapshot)["aio_systems"][0]["system"];
  EXPECT_EQ(of_many["conn_slab_total"], 256);
  EXPECT_EQ(of_many["conn_slab_available"], 0);
  system.connections_active.reset();
  const json of_unknown = written(snapshot)["aio_systems"][0]["system"];
  EXPECT_EQ(of_unknown["conn_slab_total"], 256);
  EXPECT_TRUE(of_unknown["conn_slab_available"].is_null());
}

TEST(WriteJson, SumsTheAioSystems) {
  auto snapshot = full_snapshot();
  auto& systems = snapshot.targets[0].systems;
  systems.push_back(expose_test::system("aux"));
  systems[1].uptime_ns = 16'000'000'000;
  systems[1].bytes_sent = 1'024 * 16;
  systems[0].bytes_sent = 1'024 * 4;
  const json document = written(snapshot);
  EXPECT_EQ(document["aio_metrics"]["connections"]["total"], 30);
  EXPECT_EQ(document["aio_metrics"]["uptime_seconds"], 16.0);  // the oldest
  EXPECT_EQ(document["aio_metrics"]["bytes"]["sent_rate_kbps"], 2.0);
  EXPECT_EQ(document["vm_metrics"]["event_loop"]["iterations"], 2);
  EXPECT_EQ(document["vm_metrics"]["event_loop"]["idle_time_pct"], 10.0);
}

TEST(WriteJson, KnowsNoSumOfWhichAPartIsUnknown) {
  auto snapshot = full_snapshot();
  auto& systems = snapshot.targets[0].systems;
  systems.push_back(expose_test::system("aux"));
  systems[1].connections_accepted.reset();
  systems[1].loop_iterations.reset();
  systems[1].bytes_sent.reset();
  const json document = written(snapshot);
  EXPECT_TRUE(document["aio_metrics"]["connections"]["total"].is_null());
  EXPECT_TRUE(document["aio_metrics"]["bytes"]["sent_rate_kbps"].is_null());
  EXPECT_TRUE(document["vm_metrics"]["event_loop"]["iterations"].is_null());
  EXPECT_EQ(document["aio_metrics"]["streams"]["total"], 48);
  EXPECT_EQ(document["aio_systems"][0]["loop"]["iterations"], 1);
  EXPECT_TRUE(document["aio_systems"][1]["loop"]["iterations"].is_null());
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
  json document = written(snapshot);
  document["process"].erase("sources");
  collect_known(document, "", known);
  EXPECT_THAT(known, testing::UnorderedElementsAre("/aio_systems/0/name", "/exporter/selection",
                                                   "/exporter/version", "/process/name",
                                                   "/process/pid", "/process/up"));
}

TEST(WriteJson, TakesTheMeanPauseOfWhatTheSourceCounts) {
  auto snapshot = full_snapshot();
  auto& target = snapshot.targets[0];
  target.gc.pause_ns = expose_test::histogram({1, 0, 0, 0}, 9);  // attached late
  EXPECT_EQ(written(snapshot)["vm_metrics"]["gc"]["pause_ms_avg"], 1.3335);
  // From probes: a collection whose pause was not seen has no part in the mean.
  target.sources.clear();
  target.gc.cycles = 5;
  target.gc.pause_ns = expose_test::histogram({0, 2, 0, 0}, 4'000'500);
  EXPECT_EQ(written(snapshot)["vm_metrics"]["gc"]["pause_ms_avg"], 2.00025);
}

TEST(WriteJson, KnowsNoMeanOfNoPauses) {
  auto snapshot = full_snapshot();
  snapshot.targets[0].gc.cycles = 0;
  EXPECT_TRUE(written(snapshot)["vm_metrics"]["gc"]["pause_ms_avg"].is_null());
  snapshot = full_snapshot();
  snapshot.targets[0].sources.clear();
  snapshot.targets[0].gc.pause_ns = expose_test::histogram({0, 0, 0, 0}, 0);
  EXPECT_TRUE(written(snapshot)["vm_metrics"]["gc"]["pause_ms_avg"].is_null());
}

TEST(WriteJson, KeepsIntegersExact) {
  auto snapshot = full_snapshot();
  auto& target = snapshot.targets[0];
  target.gc.cycles = 9'007'199'254'740'993;
  target.gc.reclaimed_bytes = 18'446'744'073'709'551'615U;
  target.interpreter.evals = 18'446'744'073'709'551'615U;
  target.systems[0].bytes_sent = 9'007'199'254'740'993;
  target.servers[0].bytes_sent = 18'446'744'073'709'551'615U;
  target.clients[0].pool_size = 9'007'199'254'740'993;
  target.process_metrics.resident_bytes = 9'007'199'254'740'993;
  snapshot.exporter.missed_events[0].count = 18'446'744'073'709'551'615U;
  const std::string text = write_json(snapshot, target);
  for (const char* const exact :
       {R"("cycles_total":9007199254740993,)", R"("reclaimed_bytes_total":18446744073709551615,)",
        R"("evals_total":18446744073709551615,)", R"("sent_total":9007199254740993,)",
        R"("name":"http_bytes_sent_total","value":18446744073709551615,)",
        R"("name":"http_client_pool_size","value":9007199254740993,)",
        R"("resident_memory_bytes":9007199254740993,)",
        R"({"event":"gc","count":18446744073709551615})"}) {
    EXPECT_THAT(text, testing::HasSubstr(exact));
  }
}

// The values of a list of the registry, by name.
std::map<std::string, json> values_of(const json& numbers) {
  std::map<std::string, json> values;
  for (const auto& number : numbers) values[number["name"]] = number["value"];
  return values;
}

TEST(WriteJson, WritesServersAndClientsAsTheRuntimesRegistry) {
  const json registry = written(full_snapshot())["modular_metrics"];
  EXPECT_EQ(registry["uptime_seconds"], 11.0);
  EXPECT_EQ(registry["counters"][0], json::parse(R"({"name": "http_requests_total", "value": 7,
      "labels": {"server": "0.0.0.0", "port": "8080", "protocol": "http", "status": "2xx"}})"));
  EXPECT_EQ(registry["gauges"][1], json::parse(R"({"name": "http_client_connections_active",
      "value": 2, "labels": {"client": "redis", "type": "Cache"}})"));
  const auto counters = values_of(registry["counters"]);
  EXPECT_EQ(counters.size(), 9U);
  EXPECT_EQ(counters.at("http_overload_responses_total"), 1);
  EXPECT_EQ(counters.at("http_client_cache_misses_total"), 5);
  EXPECT_THAT(values_of(registry["gauges"]),
              ElementsAre(testing::Pair("http_client_connections_active", 2),
                          testing::Pair("http_client_latency_seconds_avg", 5e-07),
                          testing::Pair("http_client_pool_size", 8),
                          testing::Pair("http_connections_active", 6)));
}

// Those of HTTP; pauses and stalls come before them.
json http_histograms_of(const json& document) {
  json found = json::array();
  for (const auto& histogram : document["modular_metrics"]["histograms"]) {
    if (histogram["name"].get<std::string>().starts_with("http_")) found.push_back(histogram);
  }
  return found;
}

TEST(WriteJson, WritesHistogramsOfPausesAndStalls) {
  std::vector<std::string> names;
  const json document = written(full_snapshot());
  for (const auto& one : document["modular_metrics"]["histograms"]) {
    names.push_back(one["name"]);
  }
  EXPECT_THAT(names, testing::IsSupersetOf({"valk_gc_pause_duration_seconds",
                                            "valk_gc_time_to_safepoint_seconds",
                                            "valk_loop_stall_duration_seconds"}));
}

TEST(WriteJson, WritesHistogramsWithTheCountOfEachBucket) {
  auto snapshot = full_snapshot();
  snapshot.targets[0].servers.push_back(expose_test::server("::1"));
  const json histograms = http_histograms_of(written(snapshot));
  ASSERT_EQ(histograms.size(), 3U);
  EXPECT_EQ(histograms[0], json::parse(R"({"name": "http_request_duration_seconds",
      "count": 8, "sum": 12.345678901,
      "labels": {"server": "0.0.0.0", "port": "8080", "protocol": "http"},
      "buckets": [{"le": 0.00001, "count": 1}, {"le": 0.0025, "count": 2},
                  {"le": 10.0, "count": 3}, {"le": "+Inf", "count": 2}]})"));
  EXPECT_EQ(histograms[1]["labels"]["server"], "::1");
  EXPECT_EQ(histograms[1]["buckets"], histograms[0]["buckets"]);
  EXPECT_EQ(histograms[2]["name"], "http_client_request_duration_seconds");
  EXPECT_EQ(histograms[2]["count"], 4);
}

TEST(WriteJson, SumsEqualServersAndNamesEqualSystemsOnce) {
  auto snapshot = full_snapshot();
  snapshot.targets[0].servers.push_back(snapshot.targets[0].servers[0]);
  snapshot.targets[0].systems.push_back(snapshot.targets[0].systems[0]);
  const json document = written(snapshot);
  EXPECT_EQ(document["modular_metrics"]["counters"][0]["value"], 14);
  EXPECT_EQ(http_histograms_of(document)[0]["count"], 16);
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
  EXPECT_EQ(document["exporter"], json::parse(R"({"version": "0.1.0", "revision": null,
      "selection": "--unit 'shop*'", "targets": {"watched": 2, "refused": 0, "no_room": 1},
      "taken_unix_ms": 1700000001000,
      "hit_cost_ns": 1700,
      "probes": [{"probe": "gc__begin", "attached": true, "hits": 0, "overhead_ns": 0},
                 {"probe": "overload", "attached": false, "hits": 0, "overhead_ns": null},
                 {"probe": "gc__end", "attached": false, "hits": 2, "overhead_ns": 3400}],
      "lost_events": [{"cause": "ring_full", "count": 5}],
      "missed_events": [{"event": "gc", "count": 6}],
      "dropped_connections": [{"limit": "memory", "count": 12}],
      "collectors": [{"collector": "maps", "duration_ns": 70000, "success": false}],
      "log_lines_dropped": 11})"));
  json process = document["process"];
  const json sources = process["sources"];
  process.erase("sources");
  EXPECT_EQ(process, json::parse(R"({"name": "", "pid": 4711, "up": true,
      "attached_unix_ms": 1700000000123, "exe": "/usr/bin/valk", "script": "/srv/shop.valk",
      "build_id": "01ab", "layout": "2025-12",
      "container": "3f2a9c0d1e4b", "unit": "shop", "pod": null, "cpu_us_total": 1500000,
      "resident_memory_bytes": 4096, "open_fds": 7, "threads": 3,
      "start_unix_ms": 1699999990000, "state": "stopped", "overhead_ratio": 0.25,
      "groups": [{"group": "http", "attached": false, "detachments": 2}],
      "differences": {"valk_gc_heap_peak_bytes": "As far as it was seen."},
      "collectors": [{"collector": "state", "duration_ns": 40000, "success": true}]})"));
  EXPECT_EQ(sources["valk_gc_cycles_total"], "state");
  EXPECT_EQ(sources["http_request_duration_seconds"], "probe");
  EXPECT_EQ(sources["valk_gc_pause_duration_seconds"], "probe");
  EXPECT_EQ(sources["valkyria_process_threads"], "kernel");
  EXPECT_EQ(sources["valkyria_probe_group_attached"], "exporter");
}

TEST(WriteJson, HasASourceForEachFamilyThatIsShownAndForNoOther) {
  auto snapshot = full_snapshot();
  snapshot.targets[0].gc.pause_ns_max = std::nullopt;
  snapshot.targets[0].registry->series = {{"orders_total", "", {}, std::uint64_t{3}}};
  std::set<std::string> shown;
  for (const auto& family : expose::families_of(snapshot)) shown.insert(family.name);
  std::set<std::string> listed;
  const json sources = written(snapshot)["process"]["sources"];
  for (const auto& [family, source] : sources.items()) listed.insert(family);
  EXPECT_EQ(listed, shown);
  EXPECT_FALSE(listed.contains("valk_gc_pause_seconds_max"));
  EXPECT_TRUE(listed.contains("orders_total"));
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
  target.clients[0].type = hostile;
  target.identity = {hostile, hostile, hostile, hostile, hostile, hostile, hostile};
  target.collectors[0].collector = hostile;
  snapshot.exporter.version = hostile;
  snapshot.exporter.probes[0].probe = hostile;
  snapshot.exporter.lost_events[0].cause = hostile;
  const json document = written(snapshot);
  EXPECT_EQ(document["process"]["script"], document["process"]["name"]);
  EXPECT_EQ(document["process"]["name"], "\"\\\n\xEF\xBF\xBD\xEF\xBF\xBD</script>\xEF\xBF\xBD");
}

}  // namespace
