#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <map>
#include <set>
#include <sstream>

#include "expose/families.h"
#include "expose/openmetrics.h"
#include "expose/text.h"
#include "expose_support.h"

namespace {

using expose::Family;
using expose::FamilyType;
using expose::write_openmetrics;
using testing::HasSubstr;
using testing::Not;

TEST(WriteOpenMetrics, EndsAlsoWithoutFamilies) {
  EXPECT_EQ(write_openmetrics({}), "# EOF\n");
}

TEST(WriteOpenMetrics, NamesCountersWithoutTotalAndTellsSinceWhen) {
  Family family{"a_bytes_total", FamilyType::kCounter, "Help.", {}};
  add_series(family, {{"l", "x"}}, std::uint64_t{18'446'744'073'709'551'615U},
             1'700'000'000'000'000'001);
  add_series(family, {{"l", "y"}}, std::uint64_t{2});
  EXPECT_EQ(write_openmetrics({family}),
            "# TYPE a_bytes counter\n"
            "# UNIT a_bytes bytes\n"
            "# HELP a_bytes Help.\n"
            "a_bytes_total{l=\"x\"} 18446744073709551615\n"
            "a_bytes_created{l=\"x\"} 1700000000.000000001\n"
            "a_bytes_total{l=\"y\"} 2\n"
            "# EOF\n");
}

TEST(WriteOpenMetrics, WritesHistogramsWithCanonicalBounds) {
  Family family{"a_seconds", FamilyType::kHistogram, "Help.", {}};
  add_series(family, {}, expose_test::histogram({1, 2, 0, 4}, 1'500), 1'700'000'000'500'000'000);
  EXPECT_EQ(write_openmetrics({family}),
            "# TYPE a_seconds histogram\n"
            "# UNIT a_seconds seconds\n"
            "# HELP a_seconds Help.\n"
            "a_seconds_bucket{le=\"1e-05\"} 1\n"
            "a_seconds_bucket{le=\"0.0025\"} 3\n"
            "a_seconds_bucket{le=\"10.0\"} 3\n"
            "a_seconds_bucket{le=\"+Inf\"} 7\n"
            "a_seconds_sum 0.0000015\n"
            "a_seconds_count 7\n"
            "a_seconds_created 1700000000.5\n"
            "# EOF\n");
}

TEST(WriteOpenMetrics, WritesEachSeriesWithBoundsOfItsOwn) {
  static constexpr std::array<std::uint64_t, 1> kOther{2'000'000'000};
  Family family{"a_seconds", FamilyType::kHistogram, "Help.", {}};
  const model::Histogram usual = expose_test::histogram({1, 2, 0, 4}, 0);
  add_series(family, {{"of", "x"}}, usual);
  add_series(family, {{"of", "y"}}, model::Histogram{kOther, {5, 6}, 0, {}});
  add_series(family, {{"of", "z"}}, usual);
  const std::string text = write_openmetrics({family});
  for (const char* line :
       {"a_seconds_bucket{of=\"x\",le=\"0.0025\"} 3\n", "a_seconds_bucket{of=\"y\",le=\"2.0\"} 5\n",
        "a_seconds_bucket{of=\"y\",le=\"+Inf\"} 11\n",
        "a_seconds_bucket{of=\"z\",le=\"0.0025\"} 3\n",
        "a_seconds_bucket{of=\"z\",le=\"+Inf\"} 7\n"}) {
    EXPECT_THAT(text, HasSubstr(line));
  }
  EXPECT_EQ(text.find("of=\"y\",le=\"0.0025\""), std::string::npos);
}

TEST(WriteOpenMetrics, GivesABucketTheLastExemplarThatFallsIntoIt) {
  Family family{"a_seconds", FamilyType::kHistogram, "Help.", {}};
  model::Histogram histogram = expose_test::histogram({1, 2, 0, 4}, 1'500);
  histogram.exemplars = {{2'500'000, 1'000'000'000, "01ab-1"},  // the bound belongs to its bucket
                         {10'001, 2'000'000'000, "01ab-2"},     // just above the one before
                         {5'000'000'000, 3'000'000'000, "01ab-3"},  // of a bucket without any
                         {20'000'000'000, 4'500'000'000, "01ab-4"}};
  add_series(family, {{"l", "x"}}, histogram);
  const std::string text = write_openmetrics({family});
  EXPECT_THAT(text, HasSubstr("a_seconds_bucket{l=\"x\",le=\"1e-05\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("le=\"0.0025\"} 3 # {event=\"01ab-2\"} 0.000010001 2\n"));
  EXPECT_THAT(text, HasSubstr("le=\"10.0\"} 3\n"));
  EXPECT_THAT(text, HasSubstr("le=\"+Inf\"} 7 # {event=\"01ab-4\"} 20 4.5\n"));
  EXPECT_THAT(expose::write_text({family}), Not(HasSubstr("01ab")));
}

TEST(WriteOpenMetrics, KnowsInfoAndUnknownAndGauges) {
  Family info{"a_info", FamilyType::kInfo, "What it is.", {}};
  add_series(info, {{"version", "1"}}, std::uint64_t{1});
  Family unknown{"b_failed", FamilyType::kUntyped, "Help.", {}};
  add_series(unknown, {}, std::uint64_t{3});
  Family gauge{"c_arenas_total", FamilyType::kGauge, "Help.", {}};
  add_series(gauge, {}, 0.25);
  EXPECT_EQ(write_openmetrics({info, unknown, gauge}),
            "# TYPE a info\n"
            "# HELP a What it is.\n"
            "a_info{version=\"1\"} 1\n"
            "# TYPE b_failed unknown\n"
            "# HELP b_failed Help.\n"
            "b_failed 3\n"
            "# TYPE c_arenas_total gauge\n"
            "# HELP c_arenas_total Help.\n"
            "c_arenas_total 0.25\n"
            "# EOF\n");
}

TEST(WriteOpenMetrics, NamesAUnitOnlyWhereTheNameEndsInIt) {
  for (const char* const name : {"a_seconds_max", "a_milliseconds", "seconds", "a_bytes_sent"}) {
    EXPECT_THAT(write_openmetrics({{name, FamilyType::kGauge, "Help.", {}}}),
                Not(HasSubstr("# UNIT")))
        << name;
  }
  EXPECT_THAT(write_openmetrics({{"a_ratio", FamilyType::kGauge, "Help.", {}}}),
              HasSubstr("# UNIT a_ratio ratio\n"));
}

TEST(WriteOpenMetrics, EscapesHelpAndLabels) {
  Family family{"m", FamilyType::kUntyped, "back\\slash\nline \"quoted\"", {}};
  add_series(family, {{"l", "\"} 2\n# EOF\\"}}, std::uint64_t{1});
  EXPECT_EQ(write_openmetrics({family}),
            "# TYPE m unknown\n"
            "# HELP m back\\\\slash\\nline \\\"quoted\\\"\n"
            "m{l=\"\\\"} 2\\n# EOF\\\\\"} 1\n"
            "# EOF\n");
}

// The names that samples of a family may have; no two families may share one.
std::set<std::string> sample_names(const std::string& name, const std::string& type) {
  std::set<std::string> names{name};
  if (type == "counter") names.insert({name + "_total", name + "_created"});
  if (type == "info") names.insert(name + "_info");
  if (type == "histogram") {
    names.insert({name + "_bucket", name + "_sum", name + "_count", name + "_created"});
  }
  return names;
}

TEST(WriteOpenMetrics, HasNoTwoFamiliesThatShareASampleName) {
  std::istringstream lines(write_openmetrics(expose::families_of(expose_test::full_snapshot())));
  std::map<std::string, std::string> owner;
  for (std::string line; std::getline(lines, line);) {
    if (!line.starts_with("# TYPE ")) continue;
    std::istringstream words(line.substr(7));
    std::string name;
    std::string type;
    words >> name >> type;
    for (const auto& sample : sample_names(name, type)) {
      const auto [known, is_new] = owner.emplace(sample, name);
      EXPECT_TRUE(is_new) << sample << " is of " << known->second << " and of " << name;
    }
  }
  EXPECT_GT(owner.size(), 100U);
}

TEST(WriteOpenMetrics, WritesASmallSnapshotAsExpected) {
  model::Snapshot snapshot;
  snapshot.exporter.version = "0.1.0";
  model::TargetMetrics target;
  target.process = "web";
  target.up = true;
  target.attached_unix_ns = 1'700'000'000'123'456'789;
  target.process_metrics.start_unix_ns = 1'699'999'990'000'000'000;
  target.sources = {{&model::entry_of(&model::GcMetrics::pause_ns_total), model::Source::kState}};
  target.gc.pause_ns_total = 4'000'500;
  target.gc.pause_ns = expose_test::histogram({0, 2, 1, 0}, 4'000'500);
  snapshot.targets = {target};

  EXPECT_EQ(write_openmetrics(expose::families_of(snapshot)),
            R"(# TYPE valk_gc_pause_seconds counter
# UNIT valk_gc_pause_seconds seconds
# HELP valk_gc_pause_seconds Seconds in garbage collections since the process started, or since attach where it comes from probes. The time until all threads had stopped is left out.
valk_gc_pause_seconds_total{process="web"} 0.0040005
valk_gc_pause_seconds_created{process="web"} 1699999990
# TYPE valk_gc_pause_duration_seconds histogram
# UNIT valk_gc_pause_duration_seconds seconds
# HELP valk_gc_pause_duration_seconds Duration in seconds of each garbage collection since attach.
valk_gc_pause_duration_seconds_bucket{process="web",le="1e-05"} 0
valk_gc_pause_duration_seconds_bucket{process="web",le="0.0025"} 2
valk_gc_pause_duration_seconds_bucket{process="web",le="10.0"} 3
valk_gc_pause_duration_seconds_bucket{process="web",le="+Inf"} 3
valk_gc_pause_duration_seconds_sum{process="web"} 0.0040005
valk_gc_pause_duration_seconds_count{process="web"} 3
valk_gc_pause_duration_seconds_created{process="web"} 1700000000.123456789
# TYPE valkyria_up gauge
# HELP valkyria_up 1 while the watched process is alive and its probes or its memory tell of it, else 0.
valkyria_up{process="web"} 1
# TYPE valkyria_process_start_time_seconds gauge
# UNIT valkyria_process_start_time_seconds seconds
# HELP valkyria_process_start_time_seconds Of the watched process: Start time in seconds since 1970.
valkyria_process_start_time_seconds{process="web"} 1699999990
# TYPE valkyria_exporter_build info
# HELP valkyria_exporter_build Version of the exporter, and the revision of its source; the value is always 1.
valkyria_exporter_build_info{version="0.1.0"} 1
# EOF
)");
}

}  // namespace
