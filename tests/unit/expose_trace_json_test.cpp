// Trace files of many shapes of timelines.
#include "expose/trace_json.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <random>

#include "base/clock.h"
#include "support/trace_checks.h"

namespace {

using json = nlohmann::json;
using model::Count;
using model::GcEvent;
using model::TimelineEvent;
using testing::ElementsAre;
using testing::HasSubstr;

constexpr std::uint64_t kMs = 1'000'000;
constexpr std::uint64_t kFrom = 50'000 * kMs;
constexpr std::uint32_t kPid = 100;

class TraceFile : public testing::Test {
 protected:
  TraceFile() {
    parts_.version = "1.2.3";
    parts_.process = "web";
    parts_.pid = kPid;
    parts_.build_id = "abcd";
    parts_.from_ns = kFrom;
    parts_.to_ns = kFrom + 10'000 * kMs;
  }

  void add(std::uint64_t begun_ns, std::uint64_t ended_ns, model::EventDetail detail) {
    const std::uint64_t sequence = parts_.timeline.events.size() + 1;
    parts_.timeline.events.push_back({sequence, "web", begun_ns, ended_ns, std::move(detail)});
  }

  void add_gc(GcEvent gc) {
    const std::uint64_t begun_ns = gc.requested_ns.value_or(gc.begun_ns.value_or(gc.ended_ns));
    add(begun_ns, gc.ended_ns, gc);
  }

  json write() {
    const json trace = json::parse(expose::write_trace(parts_).json);
    EXPECT_EQ(test::fault_of_trace(trace), "");
    return trace;
  }

  static std::vector<json> named(const json& trace, const std::string& name) {
    std::vector<json> events;
    for (const json& event : trace["traceEvents"]) {
      if (event["name"] == name) events.push_back(event);
    }
    return events;
  }

  static std::string lane_name(const json& trace, const json& event) {
    for (const json& name : named(trace, "thread_name")) {
      if (name["tid"] == event["tid"]) return name["args"]["name"];
    }
    return "";
  }

  model::TraceParts parts_;
};

GcEvent collection(std::uint64_t requested_ms, std::uint64_t begun_ms, std::uint64_t ended_ms) {
  GcEvent gc;
  gc.cycle = 12;
  gc.reason = model::GcReason::kThreshold;
  gc.world_stopped = true;
  gc.requested_ns = kFrom + requested_ms * kMs;
  gc.begun_ns = kFrom + begun_ms * kMs;
  gc.ended_ns = kFrom + ended_ms * kMs;
  return gc;
}

TEST_F(TraceFile, ACollectionHasItsPhasesItsThreadsAndItsArrows) {
  GcEvent gc = collection(1'000, 1'002, 1'010);
  gc.requested_thread = 101;
  gc.arrivals = {{101, "worker", kFrom + 1'000 * kMs + 500}, {kPid, "", kFrom + 1'001 * kMs}};
  gc.used_before_bytes = 4 << 20;
  gc.used_after_bytes = 1 << 20;
  gc.requests_hit = 3;
  add_gc(gc);
  const json trace = write();
  const json whole = named(trace, "GC #12 threshold").at(0);
  EXPECT_EQ(whole["ts"], 1'000'000);
  EXPECT_EQ(whole["dur"], 10'000);
  EXPECT_EQ(lane_name(trace, whole), "GC");
  EXPECT_EQ(whole["args"]["pause_ns"], 8 * kMs);
  EXPECT_EQ(whole["args"]["safepoint_ns"], 2 * kMs);
  EXPECT_EQ(whole["args"]["requests_hit"], 3);
  EXPECT_EQ(whole["args"]["last_thread"], kPid);
  EXPECT_TRUE(whole["args"]["trigger"].is_null());
  EXPECT_EQ(named(trace, "wait for safe point").at(0)["dur"], 2'000);
  EXPECT_EQ(named(trace, "pause").at(0)["dur"], 8'000);
  const auto stopped = named(trace, "stopped at safe point");
  ASSERT_EQ(stopped.size(), 2u);
  EXPECT_EQ(lane_name(trace, stopped[0]), "worker");
  EXPECT_EQ(stopped[0]["ts"], 1'000'001);  // asking takes a microsecond at least
  EXPECT_EQ(lane_name(trace, stopped[1]), "main");
  EXPECT_EQ(named(trace, "GC asked for").at(0)["tid"], 101);
  EXPECT_EQ(named(trace, "gc asked").size(), 2u);
  const auto last = named(trace, "last to arrive");
  ASSERT_EQ(last.size(), 2u);
  EXPECT_EQ(last[0]["tid"], kPid);
  EXPECT_EQ(last[1]["ts"], 1'002'001);
  const auto heap = named(trace, "heap MiB");
  EXPECT_EQ(heap.front()["args"]["used"], 4);
  EXPECT_EQ(heap.back()["args"]["used"], 1);
  EXPECT_EQ(heap.back()["ts"], 10'000'000);
}

TEST_F(TraceFile, CollectionsOfTwoHeapsHaveTwoLanes) {
  GcEvent one = collection(100, 110, 130);
  one.heap = 0x7f0000001000;
  GcEvent other = collection(105, 120, 140);
  other.heap = 0x7f0000002000;
  other.requested_thread = 7;
  other.arrivals = {{7, "", kFrom + 106 * kMs}, {8, "", kFrom + 119 * kMs}};
  one.arrivals = other.arrivals;
  add_gc(one);
  add_gc(other);
  const json trace = write();
  const auto whole = named(trace, "GC #12 threshold");
  ASSERT_EQ(whole.size(), 2u);
  EXPECT_EQ(lane_name(trace, whole[0]), "GC heap 1");
  EXPECT_EQ(lane_name(trace, whole[1]), "GC heap 2");
  EXPECT_TRUE(named(trace, "heap MiB").empty());
}

TEST_F(TraceFile, WhatOverlapsOnALaneIsCut) {
  add_gc(collection(100, 110, 130));
  add_gc(collection(105, 120, 140));
  add_gc(collection(90, 95, 140));
  const json trace = write();
  const auto whole = named(trace, "GC #12 threshold");
  ASSERT_EQ(whole.size(), 3u);
  EXPECT_EQ(whole[1]["ts"], 130'000);
  EXPECT_EQ(whole[1]["args"]["clipped"], true);
  EXPECT_FALSE(whole[0]["args"].contains("clipped"));
}

TEST_F(TraceFile, ACollectionWithoutABeginOrARequestHasNoPhases) {
  GcEvent gc = collection(100, 100, 130);
  gc.begun_ns.reset();
  gc.reason = model::GcReason::kUnknown;
  add_gc(gc);
  gc.ended_ns += 5 * kMs;
  gc.requested_ns.reset();
  gc.cycle.reset();
  add_gc(gc);
  const json trace = write();
  EXPECT_EQ(named(trace, "GC #12").at(0)["dur"], 30'000);
  EXPECT_EQ(named(trace, "GC").at(0)["dur"], 0);
  EXPECT_TRUE(named(trace, "pause").empty());
}

TEST_F(TraceFile, OthersRunWhereTheWorldIsNotStopped) {
  GcEvent gc = collection(100, 100, 130);
  gc.world_stopped = false;
  add_gc(gc);
  EXPECT_EQ(named(write(), "collection, others run").size(), 1u);
}

TEST_F(TraceFile, WhatReachesOutOfTheWindowIsClippedAndSaysSo) {
  GcEvent gc = collection(0, 2, 10);
  gc.requested_ns = kFrom - 20 * kMs;
  gc.begun_ns = kFrom - 5 * kMs;
  gc.requested_thread = 7;
  gc.arrivals = {{7, "", kFrom - 10 * kMs}};
  add_gc(gc);
  add(kFrom - 90 * kMs, kFrom - 80 * kMs, model::StallEvent{"before", 10 * kMs});
  add(kFrom + 9'990 * kMs, kFrom + 10'500 * kMs, model::StallEvent{"main", 510 * kMs});
  const json trace = write();
  const json whole = named(trace, "GC #12 threshold").at(0);
  EXPECT_EQ(whole["ts"], 0);
  EXPECT_EQ(whole["dur"], 10'000);
  EXPECT_EQ(whole["args"]["clipped"], true);
  EXPECT_EQ(whole["args"]["pause_ns"], 15 * kMs);
  EXPECT_TRUE(named(trace, "wait for safe point").empty());
  EXPECT_EQ(named(trace, "pause").at(0)["args"]["clipped"], true);
  const json stall = named(trace, "stall 510 ms").at(0);
  EXPECT_EQ(stall["ts"].get<int>() + stall["dur"].get<int>(), 10'000'000);
  EXPECT_EQ(lane_name(trace, stall), "loop main");
  EXPECT_TRUE(named(trace, "stall 10 ms").empty());
  EXPECT_EQ(trace["otherData"]["events"], 2);
}

TEST_F(TraceFile, HolesCapturesAndOtherEventsHaveLanes) {
  add(kFrom + kMs, kFrom + 100 * kMs, model::LostEvent{12, "ring_full"});
  add(kFrom + 100 * kMs, kFrom + 200 * kMs, model::LostEvent{3, "ring_full"});
  add(kFrom + 300 * kMs, kFrom + 1'300 * kMs, model::CaptureEvent{"id-1", "gc_pause > 50ms"});
  add(kFrom + 400 * kMs, kFrom + 1'400 * kMs, model::CaptureEvent{"id-2", "target_down"});
  add(kFrom + 1, kFrom + 1, model::TargetEvent{model::TargetEvent::What::kEnded, 99});
  add(kFrom + 2, kFrom + 2, model::OverloadEvent{"web", "80", 4});
  add(kFrom + 2, kFrom + 2, model::ConnectionsEvent{"main", 4, 200});
  const json trace = write();
  EXPECT_EQ(lane_name(trace, named(trace, "12 lost: ring full").at(0)), "lost events");
  EXPECT_EQ(lane_name(trace, named(trace, "capture id-1").at(0)), "captures");
  EXPECT_EQ(named(trace, "target_down").at(0)["ts"], 400'000);
  EXPECT_EQ(named(trace, "process ended").at(0)["args"]["pid"], 99);
  EXPECT_EQ(named(trace, "overload web:80").size(), 1u);
  EXPECT_EQ(named(trace, "connections main").size(), 1u);
  EXPECT_EQ(trace["otherData"]["lost"], json::parse(R"({"ring_full": 15})"));
  EXPECT_EQ(trace["otherData"]["first_sequence"], 1);
  EXPECT_EQ(trace["otherData"]["last_sequence"], 7);
}

TEST_F(TraceFile, SaysOfWhatAndFromWhenItIs) {
  parts_.probes = {"gc__begin"};
  const json about = write()["otherData"];
  EXPECT_EQ(about["exporter_version"], "1.2.3");
  EXPECT_EQ(about["process"], "web");
  EXPECT_EQ(about["pid"], kPid);
  EXPECT_EQ(about["build_id"], "abcd");
  EXPECT_EQ(about["clock"], "CLOCK_MONOTONIC");
  EXPECT_EQ(about["unix_offset_ns"], base::unix_ns_of(0));
  EXPECT_THAT(about["window_start_utc"], testing::Matcher<std::string>(testing::MatchesRegex(
                                             "[0-9]+-[0-9]+-[0-9]+T[0-9:]+\\.[0-9]+Z")));
  EXPECT_EQ(about["probes"], json::parse(R"(["gc__begin"])"));
  EXPECT_TRUE(about["first_sequence"].is_null());
}

TEST_F(TraceFile, NamesMayBeAnyBytes) {
  parts_.process = "\xff\"<script>";
  GcEvent gc = collection(1, 2, 3);
  gc.arrivals = {{7, std::string("\xc3\x00\n", 3), kFrom + kMs},
                 {0, "", kFrom},
                 {4'194'305, "", kFrom},
                 {0xffffffff, "", kFrom}};
  add_gc(gc);
  add(kFrom, kFrom + kMs, model::StallEvent{"\xfe\\\"", kMs});
  add(kFrom, kFrom + kMs, model::OverloadEvent{"\xfe", "\x01", 1});
  model::HistoryPart part{model::HistoryKind::kServer, {{"server", "\xff\""}}, {}, {}};
  part.columns.push_back({"requests_2xx", {1, 5}});
  parts_.history.parts.push_back(part);
  parts_.history.times_ns = {kFrom + kMs, kFrom + 1'001 * kMs};
  const json trace = write();
  EXPECT_EQ(named(trace, "process_name").at(0)["args"]["name"], "\uFFFD\"<script> (100)");
  EXPECT_EQ(named(trace, "stopped at safe point").size(), 1u);
}

TEST_F(TraceFile, TheOldestAreDroppedPastTheLimitAndCounted) {
  for (std::uint64_t i = 0; i < 20'000; ++i) {
    GcEvent gc = collection(0, 0, 0);
    gc.cycle = i;
    gc.requested_ns = kFrom + i * 400'000;
    gc.begun_ns = *gc.requested_ns + 100'000;
    gc.ended_ns = *gc.requested_ns + 300'000;
    gc.requested_thread = 1;
    gc.arrivals = {{1, "", *gc.requested_ns}, {2, "", *gc.requested_ns + 50'000}};
    add_gc(gc);
  }
  const json trace = write();
  EXPECT_LE(trace["traceEvents"].size(), 50'100u);  // and the names
  const std::size_t kept = trace["otherData"]["events"];
  EXPECT_GT(kept, 3'000u);
  EXPECT_EQ(kept + trace["otherData"]["events_dropped"].get<std::size_t>(), 20'000u);
  EXPECT_EQ(named(trace, "GC #19999 threshold").size(), 1u);
  EXPECT_EQ(trace["otherData"]["last_sequence"], 20'000);
  EXPECT_EQ(named(trace, "pause").size(), kept);
}

// A history of three seconds within the window and one before it.
class TraceCounters : public TraceFile {
 protected:
  TraceCounters() {
    for (const std::uint64_t ms : {0, 1'000, 2'000, 3'000}) {
      parts_.history.times_ns.push_back(kFrom - 500 * kMs + ms * kMs);
    }
  }

  model::HistoryPart& add_part(model::HistoryKind kind, const std::string& name) {
    parts_.history.parts.push_back(
        {kind, {{"system", name}, {"server", name}, {"port", "80"}}, {}, {}});
    return parts_.history.parts.back();
  }

  static std::vector<double> values(const json& trace, const std::string& name,
                                    const std::string& key) {
    std::vector<double> values;
    for (const json& event : named(trace, name)) {
      if (event["args"].contains(key)) values.push_back(event["args"][key]);
    }
    return values;
  }
};

TEST_F(TraceCounters, HaveAValueASecondAndOneAtEachEdge) {
  const double mib = 1 << 20;
  parts_.history.columns = {{"heap_used", {mib, 2 * mib, NAN, 4 * mib}},
                            {"evals", {100, 110, 10, 20}}};
  const json trace = write();
  EXPECT_THAT(values(trace, "heap MiB", "used"), ElementsAre(1, 2, 4, 4));
  EXPECT_EQ(named(trace, "heap MiB").front()["ts"], 0);
  EXPECT_EQ(named(trace, "heap MiB").back()["ts"], 10'000'000);
  // It began anew in between.
  EXPECT_THAT(values(trace, "evals/s", "evals"), ElementsAre(10, 10, 10, 10));
}

TEST_F(TraceCounters, TellNothingOfTheTimeBeforeTheyWereKnown) {
  for (std::uint64_t& time_ns : parts_.history.times_ns) time_ns += 5'000 * kMs;
  parts_.history.columns = {{"heap_used", {1, 2, 3, 4}}};
  const json trace = write();
  EXPECT_EQ(named(trace, "heap MiB").front()["ts"], 4'500'000);
  EXPECT_EQ(named(trace, "heap MiB").back()["ts"], 10'000'000);
}

TEST_F(TraceCounters, OfSystemsAreConnectionsAndHowBusyTheLoopIs) {
  auto& part = add_part(model::HistoryKind::kSystem, "main");
  part.columns = {{"connections_active", {1, 2, 3, 4}}, {"loop_idle_seconds", {5, 5.25, 6.25, 8}}};
  const json trace = write();
  EXPECT_THAT(values(trace, "connections main", "active"), ElementsAre(1, 2, 3, 4, 4));
  EXPECT_THAT(values(trace, "loop busy % main", "busy"), ElementsAre(75, 75, 0, 0, 0));
}

TEST_F(TraceCounters, OfServersAreRatesAndThe99thPercentileWhereThereWereRequests) {
  static constexpr std::array<std::uint64_t, 2> kBounds{1'000'000, 2'000'000};
  auto& part = add_part(model::HistoryKind::kServer, "web");
  part.columns = {{"requests_2xx", {0, 100, 100, 300}}, {"requests_5xx", {0, 1, 1, 1}}};
  part.latency =
      model::LatencyColumns{kBounds, {{0, 0, 0, 0}, {0, 100, 100, 100}, {0, 100, 100, 300}}, {}};
  const json trace = write();
  EXPECT_THAT(values(trace, "requests/s web:80", "2xx"), ElementsAre(100, 100, 0, 200, 200));
  EXPECT_THAT(values(trace, "requests/s web:80", "5xx"), ElementsAre(1, 1, 0, 0, 0));
  EXPECT_THAT(values(trace, "p99 ms web:80", "p99"), ElementsAre(1.99, 1.99, 2, 2));
}

TEST_F(TraceCounters, OfTheLeastBusyServersAreLeftOutPastTheLimit) {
  for (int i = 0; i < 20; ++i) {
    auto& part = add_part(model::HistoryKind::kServer, "web" + std::to_string(i));
    const double more = i == 19 ? 1'000 : 20 - i;
    part.columns = {{"requests_2xx", {0, more, 2 * more, 3 * more}},
                    {"requests_3xx", {0, 0, 0, 0}},
                    {"requests_4xx", {0, 0, 0, 0}},
                    {"requests_5xx", {0, 0, 0, 0}}};
  }
  const json trace = write();
  EXPECT_FALSE(named(trace, "requests/s web19:80").empty());
  EXPECT_TRUE(named(trace, "requests/s web18:80").empty());
  EXPECT_EQ(trace["otherData"]["left_out"].size(), 11u);
}

TEST_F(TraceCounters, ColumnsMayBeOfAnyLength) {
  static constexpr std::array<std::uint64_t, 2> kBounds{1'000'000, 2'000'000};
  auto& part = add_part(model::HistoryKind::kServer, "web");
  part.columns = {{"requests_2xx", {0}}, {"requests_5xx", {}}};
  part.latency = model::LatencyColumns{kBounds, {{0}, {0, 100, 100}, {}}, {}};
  parts_.history.columns = {{"heap_used", {1, 2, 3, 4, 5, 6}}};
  write();
}

// Whatever a target tells, the file holds what viewers want of it.
TEST_F(TraceFile, AnyTimelineMakesAFileThatNests) {
  std::mt19937_64 random(1);
  const auto moment = [&] { return kFrom - 1'000'000 + random() % 12'000'000; };
  for (int round = 0; round < 200; ++round) {
    parts_.timeline.events.clear();
    parts_.to_ns = kFrom + random() % 10'000'000;
    for (int i = 0; i < 50; ++i) {
      const std::uint64_t ended = moment();
      const std::uint64_t begun = std::min(moment(), ended);
      if (random() % 4 == 0) {
        add(begun, ended, model::StallEvent{random() % 2 == 0 ? "a" : "b", ended - begun});
        continue;
      }
      GcEvent gc;
      gc.heap = random() % 3;
      gc.cycle = random() % 3 == 0 ? Count() : Count(random() % 5);
      gc.ended_ns = ended;
      if (random() % 4 != 0) gc.begun_ns = random() % 4 == 0 ? moment() : begun;
      if (random() % 4 != 0) gc.requested_ns = random() % 4 == 0 ? moment() : begun;
      if (random() % 2 == 0) gc.requested_thread = random() % 5;
      for (std::uint64_t n = random() % 5; n > 0; --n) {
        gc.arrivals.push_back({static_cast<std::uint32_t>(random() % 5), "", moment()});
      }
      add(begun, ended, gc);
    }
    write();
    if (HasFailure()) return;
  }
}

TEST(TraceFileName, IsSafeWhateverTheLabelIs) {
  constexpr std::uint64_t kMoment = 1'795'684'800ULL * 1'000'000'000;
  EXPECT_EQ(expose::trace_file_name("web", kMoment), "valkyria-web-20261126T092000Z.json");
  EXPECT_EQ(expose::trace_file_name("", kMoment), "valkyria-20261126T092000Z.json");
  EXPECT_EQ(expose::trace_file_name("../a b\"\r\n\xff", kMoment),
            "valkyria-..-a-b-----20261126T092000Z.json");
  EXPECT_LT(expose::trace_file_name(std::string(500, 'x'), kMoment).size(), 80u);
}

}  // namespace
