#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>
#include <variant>

#include "expose/families.h"
#include "expose_support.h"

namespace {

using expose::families_of;
using expose::Family;
using expose::FamilyType;
using expose::Labels;
using expose::Number;
using expose::Seconds;
using expose_test::find_family;
using expose_test::full_snapshot;
using testing::ElementsAre;

// Fails the test where the snapshot has no such series.
Number value_of(const std::vector<Family>& families, const std::string& name,
                const Labels& labels) {
  if (const Family* const family = find_family(families, name)) {
    for (const auto& series : family->series) {
      if (series.labels != labels) continue;
      if (const auto* const number = std::get_if<Number>(&series.value)) return *number;
    }
  }
  ADD_FAILURE() << "no series of " << name;
  return std::uint64_t{0};
}

model::Histogram histogram_of(const std::vector<Family>& families, const std::string& name,
                              const Labels& labels) {
  if (const Family* const family = find_family(families, name)) {
    for (const auto& series : family->series) {
      if (series.labels != labels) continue;
      if (const auto* const found = std::get_if<model::Histogram>(&series.value)) return *found;
    }
  }
  ADD_FAILURE() << "no histogram of " << name;
  return {};
}

Number count(std::uint64_t value) {
  return value;
}

std::size_t distinct_series(const Family& family) {
  std::set<Labels> distinct;
  for (const auto& series : family.series) distinct.insert(series.labels);
  return distinct.size();
}

TEST(Families, HaveDistinctNamesAndOneLineOfHelp) {
  std::set<std::string> names;
  for (const Family& family : families_of(full_snapshot())) {
    EXPECT_TRUE(names.insert(family.name).second) << family.name;
    EXPECT_GT(family.help.size(), 10U) << family.name;
    EXPECT_EQ(family.help.find('\n'), std::string::npos) << family.name;
  }
}

TEST(Families, AreLeftOutWhereNothingIsKnown) {
  model::Snapshot snapshot;
  snapshot.targets.resize(1);
  std::set<std::string> names;
  for (const Family& family : families_of(snapshot)) names.insert(family.name);
  EXPECT_THAT(names, ElementsAre("valkyria_exporter_build_info", "valkyria_up"));
}

TEST(Families, ShowACountedZero) {
  model::Snapshot snapshot;
  snapshot.targets.resize(1);
  snapshot.targets[0].gc.cycles = 0;
  EXPECT_EQ(value_of(families_of(snapshot), "valk_gc_cycles_total", {}), count(0));
}

TEST(Families, KeepIntegersAndNanosecondsExact) {
  auto snapshot = full_snapshot();
  snapshot.targets[0].gc.cycles = 9'007'199'254'740'993;
  snapshot.targets[0].gc.pause_ns_total = 18'446'744'073'709'551'615U;
  const auto families = families_of(snapshot);
  EXPECT_EQ(value_of(families, "valk_gc_cycles_total", {}), count(9'007'199'254'740'993));
  EXPECT_EQ(value_of(families, "valk_gc_pause_seconds_total", {}),
            Number(Seconds{18'446'744'073'709'551'615U}));
}

TEST(Families, ShowATargetThatIsDownWithWhatIsStillKnownOfIt) {
  auto snapshot = full_snapshot();
  snapshot.targets[0].up = false;
  const auto families = families_of(snapshot);
  EXPECT_EQ(value_of(families, "valkyria_up", {}), count(0));
  EXPECT_EQ(value_of(families, "valk_gc_cycles_total", {}), count(3));
}

TEST(Families, OfTargetsCarryTheProcessFirstAndOursDoNot) {
  auto snapshot = full_snapshot();
  snapshot.targets[0].process = "web";
  snapshot.targets.push_back(snapshot.targets[0]);
  snapshot.targets[1].process = "batch";
  for (const Family& family : families_of(snapshot)) {
    if (family.name.starts_with("valkyria_exporter_collector_")) continue;  // there are both
    const bool ours = (family.name.starts_with("valkyria_exporter_") &&
                       family.name != "valkyria_exporter_registered_series_dropped") ||
                      family.name.starts_with("process_");
    for (const auto& series : family.series) {
      const bool has_process = !series.labels.empty() && series.labels[0].first == "process";
      EXPECT_EQ(has_process, !ours) << family.name;
    }
  }
}

TEST(Families, HoldTheSeriesOfAllTargets) {
  auto snapshot = full_snapshot();
  snapshot.targets[0].process = "web";
  snapshot.targets.push_back(snapshot.targets[0]);
  snapshot.targets[1].process = "batch";
  snapshot.targets[1].up = false;
  const auto families = families_of(snapshot);
  const Family* const up = find_family(families, "valkyria_up");
  ASSERT_NE(up, nullptr);
  ASSERT_EQ(up->series.size(), 2U);
  EXPECT_EQ(value_of(families, "valkyria_up", {{"process", "web"}}), count(1));
  EXPECT_EQ(value_of(families, "valkyria_up", {{"process", "batch"}}), count(0));
}

TEST(Families, LeaveOutAHistogramWithoutBuckets) {
  auto snapshot = full_snapshot();
  snapshot.targets[0].systems[0].state_durations[0].duration_ns = {};
  EXPECT_EQ(find_family(families_of(snapshot), "valk_aio_connection_state_duration_seconds"),
            nullptr);
}

TEST(Families, ShowHitsOnlyOfProbesThatAreAttachedOrWere) {
  const auto families = families_of(full_snapshot());
  const Family* const attached = find_family(families, "valkyria_exporter_probe_attached");
  const Family* const hits = find_family(families, "valkyria_exporter_probe_hits_total");
  ASSERT_TRUE(attached != nullptr && hits != nullptr);
  EXPECT_EQ(attached->series.size(), 3U);
  EXPECT_EQ(hits->series.size(), 2U);
  EXPECT_EQ(value_of(families, hits->name, {{"probe", "gc__begin"}}), count(0));
  EXPECT_EQ(value_of(families, hits->name, {{"probe", "gc__end"}}), count(2));
}

TEST(EqualSeries, OfServersAreSummed) {
  auto snapshot = full_snapshot();
  snapshot.targets[0].servers.push_back(expose_test::server("0.0.0.0"));
  snapshot.targets[0].servers.push_back(expose_test::server("::1"));
  snapshot.targets[0].servers[1].connections_active = 9;
  const auto families = families_of(snapshot);
  const Labels labels{{"server", "0.0.0.0"}, {"port", "8080"}, {"protocol", "http"}};
  Labels with_status = labels;
  with_status.emplace_back("status", "2xx");
  EXPECT_EQ(value_of(families, "http_requests_total", with_status), count(14));
  EXPECT_EQ(value_of(families, "http_bytes_sent_total", labels), count(1'800));
  const auto durations = histogram_of(families, "http_request_duration_seconds", labels);
  EXPECT_THAT(durations.counts, ElementsAre(2, 4, 6, 4));
  EXPECT_EQ(durations.sum_ns, 2 * 12'345'678'901);
  EXPECT_EQ(value_of(families, "http_connections_active", labels), count(9));  // the larger
  for (const Family& family : families) {
    EXPECT_EQ(family.series.size(), distinct_series(family)) << family.name;
  }
}

TEST(EqualSeries, OfSystemsAreSummed) {
  auto snapshot = full_snapshot();
  snapshot.targets[0].systems.push_back(expose_test::system("main"));
  const auto families = families_of(snapshot);
  EXPECT_EQ(value_of(families, "valk_aio_connection_transitions_total",
                     {{"system", "main"}, {"from", "idle"}, {"to", "active"}}),
            count(6));
  EXPECT_THAT(histogram_of(families, "valk_aio_connection_state_duration_seconds",
                           {{"system", "main"}, {"state", "active"}})
                  .counts,
              ElementsAre(0, 6, 0, 0));
}

TEST(EqualSeries, CountSinceTheEarliestWhichIsUnknownIfOneIs) {
  Family family{"m_total", FamilyType::kCounter, "h", {}};
  add_series(family, {{"l", "a"}}, count(1), 30);
  add_series(family, {{"l", "a"}}, count(2), 20);
  add_series(family, {{"l", "b"}}, count(1), 30);
  add_series(family, {{"l", "b"}}, count(2));
  merge_equal_series(family);
  ASSERT_EQ(family.series.size(), 2U);
  EXPECT_EQ(family.series[0].created_unix_ns, 20U);
  EXPECT_EQ(family.series[1].created_unix_ns, std::nullopt);
}

TEST(EqualSeries, AppearWhenBadBytesBecomeTheSameText) {
  auto snapshot = full_snapshot();
  snapshot.targets[0].servers = {expose_test::server("\xFE"), expose_test::server("\xFF")};
  const auto families = families_of(snapshot);
  EXPECT_EQ(value_of(families, "http_bytes_sent_total",
                     {{"server", "\xEF\xBF\xBD"}, {"port", "8080"}, {"protocol", "http"}}),
            count(1'800));
}

TEST(EqualSeries, AreNotMadeOfLabelsThatOnlyLookAlikeTogether) {
  auto snapshot = full_snapshot();
  auto& servers = snapshot.targets[0].servers;
  servers = {expose_test::server("ab"), expose_test::server("a")};
  servers[0].port = "c";
  servers[1].port = "bc";
  const auto families = families_of(snapshot);
  EXPECT_EQ(find_family(families, "http_bytes_sent_total")->series.size(), 2U);
}

TEST(EqualSeries, OfTwinTargetsStillMakeAValidExposition) {
  auto snapshot = full_snapshot();
  snapshot.targets.push_back(snapshot.targets[0]);
  for (const Family& family : families_of(snapshot)) {
    EXPECT_EQ(family.series.size(), distinct_series(family)) << family.name;
  }
}

TEST(Families, OfClientsShowTheMeanOnlyOfOperationsThatWere) {
  model::Snapshot snapshot = full_snapshot();
  const Labels client{{"client", "redis"}, {"type", "Cache"}};
  EXPECT_EQ(value_of(families_of(snapshot), "http_client_latency_seconds_avg", client),
            Number(2'000.0 / 1e9 / 4));
  snapshot.targets[0].clients[0].latency = model::DurationSum{0, 0};
  EXPECT_EQ(find_family(families_of(snapshot), "http_client_latency_seconds_avg"), nullptr);
  snapshot.targets[0].clients[0].latency.reset();
  EXPECT_EQ(find_family(families_of(snapshot), "http_client_latency_seconds_avg"), nullptr);
}

TEST(Families, KnowTheUtilizationOnlyOfAHeapWhoseUseAndCapacityAreKnown) {
  auto snapshot = full_snapshot();
  constexpr const char* kRatio = "valk_gc_heap_utilization_ratio";
  EXPECT_EQ(value_of(families_of(snapshot), kRatio, {}), Number(0.25));
  auto& gc = snapshot.targets[0].gc;
  gc.heap_total_bytes = 0;
  EXPECT_EQ(find_family(families_of(snapshot), kRatio), nullptr);
  gc.heap_total_bytes.reset();
  EXPECT_EQ(find_family(families_of(snapshot), kRatio), nullptr);
  gc = expose_test::gc();
  gc.heap_used_bytes.reset();
  EXPECT_EQ(find_family(families_of(snapshot), kRatio), nullptr);
}

TEST(Families, OfSystemsHaveTheirNumbers) {
  const auto families = families_of(full_snapshot());
  const Labels main{{"system", "main"}};
  EXPECT_EQ(value_of(families, "valk_loop_iterations_total", main), count(1));
  EXPECT_EQ(value_of(families, "valk_loop_idle_seconds_total", main),
            Number(Seconds{1'000'000'000}));
  EXPECT_EQ(value_of(families, "valk_aio_servers_count", main), count(3));
  EXPECT_EQ(value_of(families, "valk_aio_connections_rejected_load_total", main), count(17));
  EXPECT_EQ(value_of(families, "valk_aio_connections_failed", main), count(16));
  EXPECT_EQ(value_of(families, "valk_aio_connection_failures_total", main), count(16));
  EXPECT_EQ(value_of(families, "valk_aio_requests_errors", main), count(28));
  EXPECT_EQ(value_of(families, "valk_aio_request_errors_total", main), count(28));
  EXPECT_EQ(value_of(families, "valk_aio_bytes_recv_total", main), count(30));
  EXPECT_EQ(value_of(families, "valk_aio_uptime_seconds", main), Number(Seconds{4'000'000'000}));
}

TEST(Families, OfTheProcessTellWhatItIs) {
  const auto families = families_of(full_snapshot());
  EXPECT_EQ(value_of(families, "valkyria_process_info",
                     {{"pid", "4711"},
                      {"exe", "/usr/bin/valk"},
                      {"script", "/srv/shop.valk"},
                      {"build_id", "01ab"},
                      {"layout", "2025-12"},
                      {"container", "3f2a9c0d1e4b"},
                      {"unit", "shop"},
                      {"pod", ""}}),
            count(1));
  EXPECT_EQ(value_of(families, "valkyria_process_cpu_seconds_total", {}),
            Number(Seconds{1'500'000'000}));
}

TEST(Families, OfTheExporterTellWhatItMissedAndHowCollectingWent) {
  auto snapshot = full_snapshot();
  snapshot.targets[0].process = "web";
  const auto families = families_of(snapshot);
  EXPECT_EQ(value_of(families, "valkyria_exporter_missed_events_total", {{"event", "gc"}}),
            count(6));
  const Labels of_target{{"process", "web"}, {"collector", "state"}};
  const Labels own{{"collector", "maps"}};
  constexpr const char* kDuration = "valkyria_exporter_collector_duration_seconds";
  EXPECT_EQ(value_of(families, kDuration, of_target), Number(Seconds{40'000}));
  EXPECT_EQ(value_of(families, kDuration, own), Number(Seconds{70'000}));
  EXPECT_EQ(value_of(families, "valkyria_exporter_collector_success", of_target), count(1));
  EXPECT_EQ(value_of(families, "valkyria_exporter_collector_success", own), count(0));
}

std::optional<std::uint64_t> begin_of(const std::vector<Family>& families,
                                      const std::string& name) {
  const Family* const family = find_family(families, name);
  if (family == nullptr) ADD_FAILURE() << "no family " << name;
  return family == nullptr ? std::nullopt : family->series[0].created_unix_ns;
}

TEST(Families, CountSinceWhatTheirSourceSays) {
  constexpr std::uint64_t kAttach = 1'700'000'000'123'456'789;
  constexpr std::uint64_t kStart = 1'699'999'990'000'000'000;
  constexpr std::uint64_t kOurStart = 1'699'999'995'000'000'000;
  const auto families = families_of(full_snapshot());
  EXPECT_EQ(begin_of(families, "valk_gc_cycles_total"), kStart);
  EXPECT_EQ(begin_of(families, "valk_aio_streams_total"), kStart);
  EXPECT_EQ(begin_of(families, "http_request_duration_seconds"), kAttach);
  EXPECT_EQ(begin_of(families, "valk_gc_pause_duration_seconds"), kAttach);
  EXPECT_EQ(begin_of(families, "valkyria_process_cpu_seconds_total"), kStart);
  EXPECT_EQ(begin_of(families, "valkyria_exporter_lost_events_total"), kOurStart);
  EXPECT_EQ(begin_of(families, "process_cpu_seconds_total"), kOurStart);
}

TEST(Families, DoNotTellSinceWhenWhereItIsUnknownOrNothingCounts) {
  auto snapshot = full_snapshot();
  snapshot.targets[0].process_metrics.start_unix_ns.reset();
  snapshot.targets[0].attached_unix_ns = 0;
  const auto families = families_of(snapshot);
  EXPECT_EQ(begin_of(families, "valk_gc_cycles_total"), std::nullopt);
  EXPECT_EQ(begin_of(families, "http_request_duration_seconds"), std::nullopt);
  EXPECT_EQ(begin_of(families, "valkyria_process_cpu_seconds_total"), std::nullopt);
  for (const Family& family : families_of(full_snapshot())) {
    const bool counts =
        family.type == FamilyType::kCounter || family.type == FamilyType::kHistogram;
    for (const auto& series : family.series) {
      EXPECT_EQ(series.created_unix_ns.has_value(), counts) << family.name;
    }
  }
}

}  // namespace
