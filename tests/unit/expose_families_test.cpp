#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <set>
#include <sstream>

#include "expose/families.h"
#include "expose_support.h"

namespace {

using expose::families_of;
using expose::Family;
using expose::FamilyType;
using expose::Labels;
using expose::Seconds;
using expose::Value;
using expose_test::find_family;
using expose_test::full_snapshot;
using testing::ElementsAre;
using testing::Pair;

struct CatalogueEntry {
  std::string kind;
  std::set<std::string> labels;
};

std::map<std::string, CatalogueEntry> read_catalogue() {
  std::ifstream file(VALKYRIA_TEST_DATA "/metrics.tsv");
  std::map<std::string, CatalogueEntry> catalogue;
  for (std::string line; std::getline(file, line);) {
    if (line.empty() || line.front() == '#') continue;
    std::istringstream columns(line);
    std::string name;
    std::string labels;
    CatalogueEntry entry;
    std::getline(columns, name, '\t');
    std::getline(columns, entry.kind, '\t');
    std::getline(columns, labels, '\t');
    std::istringstream label_list(labels);
    for (std::string label; std::getline(label_list, label, ',');) entry.labels.insert(label);
    catalogue[name] = entry;
  }
  return catalogue;
}

// Fails the test where the snapshot has no such series.
Value value_of(const std::vector<Family>& families, const std::string& name, const Labels& labels,
               const std::string& suffix = "") {
  const Family* const family = find_family(families, name);
  if (family != nullptr) {
    for (const auto& sample : family->samples) {
      if (sample.name_suffix == suffix && sample.labels == labels) return sample.value;
    }
  }
  ADD_FAILURE() << "no series of " << name;
  return std::uint64_t{0};
}

Value count(std::uint64_t value) {
  return value;
}

std::size_t distinct_series(const Family& family) {
  std::set<std::pair<std::string, Labels>> series;
  for (const auto& sample : family.samples) series.emplace(sample.name_suffix, sample.labels);
  return series.size();
}

TEST(Families, HaveTheKindAndTheLabelsOfTheCatalogue) {
  const auto catalogue = read_catalogue();
  ASSERT_GT(catalogue.size(), 50U);
  std::size_t found = 0;
  for (const Family& family : families_of(full_snapshot())) {
    const auto entry = catalogue.find(family.name);
    if (entry == catalogue.end()) continue;
    ++found;
    EXPECT_EQ(name_of(family.type), entry->second.kind) << family.name;
    for (const auto& sample : family.samples) {
      std::set<std::string> labels;
      for (const auto& label : sample.labels) labels.insert(label.first);
      labels.erase("le");
      EXPECT_EQ(labels, entry->second.labels) << family.name;
    }
  }
  EXPECT_EQ(found, 18U);
}

TEST(Families, BeyondTheCatalogueAreTheOnesThatOnlyWeKnow) {
  const auto catalogue = read_catalogue();
  std::set<std::string> own;
  for (const Family& family : families_of(full_snapshot())) {
    if (!catalogue.contains(family.name)) own.insert(family.name);
  }
  EXPECT_THAT(own,
              ElementsAre("process_cpu_seconds_total", "process_open_fds",
                          "process_resident_memory_bytes", "process_start_time_seconds",
                          "process_threads", "valk_aio_connection_state_duration_seconds",
                          "valk_aio_connection_transitions_total", "valk_eval_duration_seconds",
                          "valk_function_duration_seconds", "valk_gc_pause_duration_seconds",
                          "valk_gc_time_to_safepoint_seconds", "valk_loop_stall_duration_seconds",
                          "valkyria_exporter_build_info", "valkyria_exporter_lost_events_total",
                          "valkyria_exporter_probe_attached", "valkyria_exporter_probe_hits_total",
                          "valkyria_process_cpu_seconds_total", "valkyria_process_info",
                          "valkyria_process_open_fds", "valkyria_process_resident_memory_bytes",
                          "valkyria_process_start_time_seconds", "valkyria_process_threads",
                          "valkyria_up"));
}

TEST(Families, HaveDistinctNamesAndOneLineOfHelp) {
  std::set<std::string> names;
  for (const Family& family : families_of(full_snapshot())) {
    EXPECT_TRUE(names.insert(family.name).second) << family.name;
    EXPECT_GT(family.help.size(), 20U) << family.name;
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
            Value(Seconds{18'446'744'073'709'551'615U}));
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
    const bool ours =
        family.name.starts_with("valkyria_exporter_") || family.name.starts_with("process_");
    for (const auto& sample : family.samples) {
      const bool has_process = !sample.labels.empty() && sample.labels[0].first == "process";
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
  ASSERT_EQ(up->samples.size(), 2U);
  EXPECT_EQ(value_of(families, "valkyria_up", {{"process", "web"}}), count(1));
  EXPECT_EQ(value_of(families, "valkyria_up", {{"process", "batch"}}), count(0));
}

TEST(Families, MakeHistogramsCumulativeAndEndWithInf) {
  const auto families = families_of(full_snapshot());
  const Family* const family = find_family(families, "http_request_duration_seconds");
  ASSERT_NE(family, nullptr);
  EXPECT_EQ(family->type, FamilyType::kHistogram);
  std::vector<std::pair<std::string, Value>> shown;
  for (const auto& sample : family->samples) {
    const bool is_bucket = sample.name_suffix == "_bucket";
    shown.emplace_back(is_bucket ? sample.labels.back().second : sample.name_suffix, sample.value);
  }
  EXPECT_THAT(shown,
              ElementsAre(Pair("0.00001", count(1)), Pair("0.0025", count(3)), Pair("10", count(6)),
                          Pair("+Inf", count(8)), Pair("_sum", Value(Seconds{12'345'678'901})),
                          Pair("_count", count(8))));
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
  EXPECT_EQ(attached->samples.size(), 3U);
  EXPECT_EQ(hits->samples.size(), 2U);
  EXPECT_EQ(value_of(families, hits->name, {{"probe", "gc__begin"}}), count(0));
  EXPECT_EQ(value_of(families, hits->name, {{"probe", "gc__end"}}), count(2));
}

TEST(EqualSeries, OfServersAreSummed) {
  auto snapshot = full_snapshot();
  snapshot.targets[0].servers.push_back(expose_test::server("0.0.0.0"));
  snapshot.targets[0].servers.push_back(expose_test::server("::1"));
  const auto families = families_of(snapshot);
  const Labels labels{{"server", "0.0.0.0"}, {"port", "8080"}, {"protocol", "http"}};
  Labels with_status = labels;
  with_status.emplace_back("status", "2xx");
  Labels with_le = labels;
  with_le.emplace_back("le", "0.0025");
  EXPECT_EQ(value_of(families, "http_requests_total", with_status), count(14));
  EXPECT_EQ(value_of(families, "http_bytes_sent_total", labels), count(1'800));
  EXPECT_EQ(value_of(families, "http_request_duration_seconds", with_le, "_bucket"), count(6));
  EXPECT_EQ(value_of(families, "http_request_duration_seconds", labels, "_sum"),
            Value(Seconds{2 * 12'345'678'901}));
  EXPECT_EQ(value_of(families, "http_request_duration_seconds", labels, "_count"), count(16));
  for (const Family& family : families) {
    EXPECT_EQ(family.samples.size(), distinct_series(family)) << family.name;
  }
}

TEST(EqualSeries, OfSystemsAreSummed) {
  auto snapshot = full_snapshot();
  snapshot.targets[0].systems.push_back(expose_test::system("main"));
  const auto families = families_of(snapshot);
  EXPECT_EQ(value_of(families, "valk_aio_connection_transitions_total",
                     {{"system", "main"}, {"from", "idle"}, {"to", "active"}}),
            count(6));
  EXPECT_EQ(value_of(families, "valk_aio_connection_state_duration_seconds",
                     {{"system", "main"}, {"state", "active"}}, "_count"),
            count(6));
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
  EXPECT_EQ(find_family(families, "http_bytes_sent_total")->samples.size(), 2U);
}

TEST(EqualSeries, OfTwinTargetsStillMakeAValidExposition) {
  auto snapshot = full_snapshot();
  snapshot.targets.push_back(snapshot.targets[0]);
  for (const Family& family : families_of(snapshot)) {
    EXPECT_EQ(family.samples.size(), distinct_series(family)) << family.name;
  }
}

TEST(Families, OfClientsShowTheMeanOnlyOfOperationsThatWere) {
  model::Snapshot snapshot = full_snapshot();
  const Labels client{{"client", "redis"}, {"type", "Cache"}};
  EXPECT_EQ(value_of(families_of(snapshot), "http_client_latency_seconds_avg", client),
            Value(1'000.0 / 1e9 / 4));
  EXPECT_EQ(value_of(families_of(snapshot), "http_client_cache_misses_total", client), count(5));
  snapshot.targets[0].clients[0].duration_ns = expose_test::histogram({0, 0, 0, 0}, 0);
  EXPECT_EQ(find_family(families_of(snapshot), "http_client_latency_seconds_avg"), nullptr);
}

TEST(Families, OfTheProcessTellWhatItIs) {
  const auto families = families_of(full_snapshot());
  EXPECT_EQ(value_of(families, "valkyria_process_info",
                     {{"pid", "4711"},
                      {"exe", "/usr/bin/valk"},
                      {"script", "/srv/shop.valk"},
                      {"build_id", "01ab"},
                      {"layout", ""}}),
            count(1));
  EXPECT_EQ(value_of(families, "valkyria_process_cpu_seconds_total", {}),
            Value(expose::Seconds{1'500'000'000}));
}

}  // namespace
