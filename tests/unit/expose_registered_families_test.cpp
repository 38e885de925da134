// What applications registered: their names, labels and numbers are anything.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <map>
#include <nlohmann/json.hpp>
#include <random>
#include <set>

#include "expose/families.h"
#include "expose/json.h"
#include "expose/openmetrics.h"
#include "expose/text.h"
#include "expose_support.h"

namespace {

using expose::families_of;
using expose::Family;
using expose_test::find_family;
using model::RegisteredHistogram;
using model::RegisteredSeries;
using testing::HasSubstr;
using testing::Not;

using LabelTexts = std::vector<std::pair<std::string, std::string>>;

RegisteredSeries counter(std::string name, std::uint64_t value = 1, LabelTexts labels = {}) {
  return {std::move(name), "", std::move(labels), value};
}

RegisteredSeries gauge(std::string name, std::int64_t value = 1, LabelTexts labels = {}) {
  return {std::move(name), "", std::move(labels), value};
}

RegisteredSeries histogram(std::string name, LabelTexts labels = {}) {
  return {std::move(name), "", std::move(labels),
          RegisteredHistogram{{0.00005, 0.25}, {1, 2, 4}, 7'250'000'000}};
}

// One target, without a name, whose application registered this.
model::Snapshot snapshot_of(std::vector<RegisteredSeries> series) {
  model::Snapshot snapshot;
  snapshot.targets.resize(1);
  snapshot.targets[0].registry = model::Registry{std::move(series), 0};
  return snapshot;
}

std::string text_of(const model::Snapshot& snapshot) {
  return expose::write_text(families_of(snapshot));
}

std::string openmetrics_of(const model::Snapshot& snapshot) {
  return expose::write_openmetrics(families_of(snapshot));
}

// By reason, those that are not 0, over all targets.
std::map<std::string, std::uint64_t> dropped(const model::Snapshot& snapshot) {
  std::map<std::string, std::uint64_t> reasons;
  const auto families = families_of(snapshot);
  const Family* const family = find_family(families, "valkyria_exporter_registered_series_dropped");
  if (family == nullptr) return {{"no such family", 1}};
  for (const auto& series : family->series) {
    const auto count = std::get<std::uint64_t>(std::get<expose::Number>(series.value));
    if (count > 0) reasons[series.labels.back().second] += count;
  }
  return reasons;
}

using Reasons = std::map<std::string, std::uint64_t>;

TEST(RegisteredFamilies, AreServedUnderTheirOwnNamesInText) {
  const auto snapshot =
      snapshot_of({counter("shop_orders_total", 12, {{"kind", "a \"b\" \\ \n"}}),
                   gauge("shop_balance", -42), histogram("shop_wait_seconds", {{"queue", "in"}}),
                   counter("shop_orders_total", 3, {{"kind", "x"}})});
  const std::string text = text_of(snapshot);
  const std::string help =
      " Registered by the application; the runtime keeps no help text of it.\n";
  EXPECT_THAT(text, testing::EndsWith("# HELP shop_orders_total" + help +
                                      "# TYPE shop_orders_total counter\n"
                                      "shop_orders_total{kind=\"a \\\"b\\\" \\\\ \\n\"} 12\n"
                                      "shop_orders_total{kind=\"x\"} 3\n"
                                      "# HELP shop_balance" +
                                      help +
                                      "# TYPE shop_balance gauge\n"
                                      "shop_balance -42\n"
                                      "# HELP shop_wait_seconds" +
                                      help +
                                      "# TYPE shop_wait_seconds histogram\n"
                                      "shop_wait_seconds_bucket{queue=\"in\",le=\"0.00005\"} 1\n"
                                      "shop_wait_seconds_bucket{queue=\"in\",le=\"0.25\"} 3\n"
                                      "shop_wait_seconds_bucket{queue=\"in\",le=\"+Inf\"} 7\n"
                                      "shop_wait_seconds_sum{queue=\"in\"} 7.25\n"
                                      "shop_wait_seconds_count{queue=\"in\"} 7\n"));
  EXPECT_EQ(dropped(snapshot), Reasons());
}

// A comm is any bytes. Prometheus refuses all of a scrape for one byte that is no UTF-8.
TEST(RegisteredFamilies, OfAProcessWhoseNameIsNoUtf8AreServedAsUtf8) {
  auto snapshot = snapshot_of({counter("shop_orders_total", 12)});
  snapshot.targets[0].process = "sh\xffp";
  EXPECT_THAT(text_of(snapshot), HasSubstr("shop_orders_total{process=\"sh\xEF\xBF\xBDp\"} 12\n"));
  // Those that are only told apart by such bytes are one.
  snapshot.targets.push_back(snapshot.targets[0]);
  snapshot.targets[1].process = "sh\xfep";
  EXPECT_EQ(dropped(snapshot), (Reasons{{"duplicate", 1}}));
}

TEST(RegisteredFamilies, HaveTheSameNamesInOpenMetrics) {
  auto snapshot =
      snapshot_of({counter("shop_orders_total", 12), counter("shop_visits", 7), counter("_total"),
                   gauge("shop_info", 3), gauge("shop_total", 2), histogram("shop_wait_seconds")});
  snapshot.targets[0].process_metrics.start_unix_ns = 1'700'000'000'000'000'000;
  const std::string text = openmetrics_of(snapshot);
  for (const char* const part :
       {"# TYPE shop_orders counter\n", "\nshop_orders_total 12\nshop_orders_created 1700000000\n",
        "# TYPE shop_visits unknown\n", "\nshop_visits 7\n# TYPE", "# TYPE _total unknown\n",
        "\n_total 1\n", "# TYPE shop_info gauge\n", "\nshop_info 3\n", "# TYPE shop_total gauge\n",
        "# UNIT shop_wait_seconds seconds\n", "shop_wait_seconds_bucket{le=\"5e-05\"} 1\n",
        "shop_wait_seconds_sum 7.25\n", "shop_wait_seconds_created 1700000000\n"}) {
    EXPECT_THAT(text, HasSubstr(part));
  }
  EXPECT_EQ(dropped(snapshot), Reasons());
}

TEST(RegisteredFamilies, HaveTheHelpThatTheRuntimeKeeps) {
  auto snapshot = snapshot_of({counter("a_total"), counter("a_total", 1, {{"l", "x"}})});
  snapshot.targets[0].registry->series[0].help = "What\nit \xff is.";
  snapshot.targets[0].registry->series[1].help = "Another.";
  const std::string text = text_of(snapshot);
  EXPECT_THAT(text, HasSubstr("# HELP a_total What\\nit \xEF\xBF\xBD is.\n"));
  EXPECT_THAT(text, Not(HasSubstr("Another.")));
}

TEST(RegisteredFamilies, KeepNumbersExact) {
  constexpr auto kLeast = std::numeric_limits<std::int64_t>::min();
  const auto snapshot = snapshot_of({counter("a_total", 9'007'199'254'740'993), gauge("b", kLeast),
                                     gauge("c", -9'007'199'254'740'993)});
  const std::string text = text_of(snapshot);
  EXPECT_THAT(text, HasSubstr("\na_total 9007199254740993\n"));
  EXPECT_THAT(text, HasSubstr("\nb -9223372036854775808\n"));
  EXPECT_THAT(text, HasSubstr("\nc -9007199254740993\n"));
}

// Every name that a sample or a family has, whatever the format, of everything that we have.
TEST(RegisteredFamilies, NeverTakeANameOfOurs) {
  std::set<std::string> ours{"up", "scrape_duration_seconds"};
  for (const Family& family : families_of(expose_test::full_snapshot())) {
    for (const auto& name : expose::taken_names(family.name, family.type)) ours.insert(name);
  }
  EXPECT_GT(ours.size(), 150u);
  for (const char* const name :
       {"valk_eval_total", "valk_eval", "valk_eval_created", "http_request_duration_seconds_bucket",
        "valkyria_process", "http_request_duration_seconds_created", "process_threads"}) {
    EXPECT_TRUE(ours.contains(name)) << name;
  }
  std::vector<RegisteredSeries> series;
  for (const std::string& name : ours) {
    series.push_back(counter(name));
    series.push_back(gauge(name, 1, {{"l", "x"}}));
    series.push_back(histogram(name, {{"l", "y"}}));
  }
  const auto snapshot = snapshot_of(series);
  EXPECT_EQ(dropped(snapshot), (Reasons{{"name_taken", 3 * ours.size()}}));
  EXPECT_THAT(text_of(snapshot), Not(HasSubstr("Registered by the application")));
}

TEST(RegisteredFamilies, NeverTakeANameOfOursByASampleOfTheirs) {
  for (const auto& series : {counter("process_total"), histogram("valk_aio_handles"),
                             histogram("valk_aio_servers"), gauge("valkyria_exporter_build")}) {
    const bool is_taken = series.name != "process_total";
    EXPECT_EQ(dropped(snapshot_of({series})), is_taken ? (Reasons{{"name_taken", 1}}) : Reasons())
        << series.name;
  }
}

TEST(RegisteredFamilies, ExcludeEachOtherWhereOneNameWouldMeanTwoThings) {
  const auto snapshot = snapshot_of(
      {counter("a_total"), gauge("a"), gauge("a_total", 1, {{"l", "x"}}), gauge("a_created"),
       histogram("h"), counter("h_count"), gauge("h_bucket"), histogram("h_sum"), gauge("h"),
       gauge("g_sum"), histogram("g"), counter("a_total", 2, {{"l", "y"}})});
  EXPECT_EQ(dropped(snapshot), (Reasons{{"conflict", 8}}));
  EXPECT_THAT(text_of(snapshot), HasSubstr("\na_total{l=\"y\"} 2\n"));
}

TEST(RegisteredFamilies, OfOneNameHaveTheTypeOfTheFirstTarget) {
  auto snapshot = snapshot_of({counter("a_total", 1), gauge("b", 2)});
  snapshot.targets.push_back(snapshot.targets[0]);
  snapshot.targets[0].process = "web";
  snapshot.targets[1].process = "batch";
  snapshot.targets[1].registry->series = {gauge("a_total", 3), gauge("b", 4), gauge("a", 5)};
  EXPECT_EQ(dropped(snapshot), (Reasons{{"conflict", 2}}));
  const std::string text = text_of(snapshot);
  EXPECT_THAT(text, HasSubstr("a_total{process=\"web\"} 1\n# HELP b"));
  EXPECT_THAT(text, HasSubstr("b{process=\"web\"} 2\nb{process=\"batch\"} 4\n"));
  EXPECT_THAT(text, HasSubstr("valkyria_exporter_registered_series_dropped{process=\"batch\","
                              "reason=\"conflict\"} 2\n"));
  EXPECT_THAT(text, HasSubstr("valkyria_exporter_registered_series_dropped{process=\"web\","
                              "reason=\"conflict\"} 0\n"));
}

TEST(RegisteredFamilies, NeedNamesThatPrometheusTakes) {
  for (const char* const name : {"", "1a", "a b", "a-b", "a\n", "\xc3\xa9", "a\"", "a{b=\"c\"}"}) {
    EXPECT_EQ(dropped(snapshot_of({counter(name)})), (Reasons{{"invalid", 1}})) << name;
  }
  for (const char* const name : {"a:b_total", ":", "_", "A9"}) {
    EXPECT_EQ(dropped(snapshot_of({counter(name)})), Reasons()) << name;
  }
  for (const char* const label : {"", "1a", "a b", "a:b", "__name__", "a=", "\xff"}) {
    EXPECT_EQ(dropped(snapshot_of({gauge("a", 1, {{label, "x"}})})), (Reasons{{"invalid", 1}}))
        << label;
  }
}

TEST(RegisteredFamilies, HaveNoLabelTwiceAndNoBoundOfTheirOwn) {
  const auto snapshot = snapshot_of({gauge("a", 1, {{"l", "x"}, {"l", "x"}}),
                                     histogram("h", {{"le", "1"}}), gauge("b", 1, {{"le", "1"}})});
  EXPECT_EQ(dropped(snapshot), (Reasons{{"invalid", 2}}));
  EXPECT_THAT(text_of(snapshot), HasSubstr("\nb{le=\"1\"} 1\n"));
}

// Prometheus takes neither the order of labels nor empty ones for a difference.
TEST(RegisteredFamilies, HaveNoSeriesTwice) {
  const auto snapshot =
      snapshot_of({gauge("a", 1), gauge("a", 2), gauge("a", 3, {{"l", ""}}),
                   gauge("a", 4, {{"l", "x"}, {"m", "y"}}), gauge("a", 5, {{"m", "y"}, {"l", "x"}}),
                   gauge("a", 6, {{"l", "\xff"}}), gauge("a", 7, {{"l", "\xfe"}})});
  EXPECT_EQ(dropped(snapshot), (Reasons{{"duplicate", 4}}));
  const std::string text = text_of(snapshot);
  EXPECT_THAT(text, HasSubstr("\na 1\na{l=\"x\",m=\"y\"} 4\na{l=\"\xEF\xBF\xBD\"} 6\n"));
}

TEST(RegisteredFamilies, MakeWayForOurLabelProcess) {
  auto snapshot = snapshot_of({gauge("a", 1, {{"process", "x"}}),
                               gauge("b", 1, {{"process", "x"}, {"exported_process", "y"}})});
  EXPECT_THAT(text_of(snapshot), HasSubstr("\na{process=\"x\"} 1\n"));
  EXPECT_EQ(dropped(snapshot), Reasons());
  snapshot.targets[0].process = "web";
  EXPECT_THAT(text_of(snapshot), HasSubstr("\na{process=\"web\",exported_process=\"x\"} 1\n"));
  EXPECT_EQ(dropped(snapshot), (Reasons{{"invalid", 1}}));
}

TEST(RegisteredFamilies, AreAThousandSeriesOfATargetAtMost) {
  std::vector<RegisteredSeries> series;
  for (int i = 0; i < 1'003; ++i) series.push_back(gauge("a", i, {{"i", std::to_string(i)}}));
  auto snapshot = snapshot_of(std::move(series));
  snapshot.targets.push_back(snapshot.targets[0]);
  snapshot.targets[0].process = "web";
  snapshot.targets[1].process = "batch";
  EXPECT_EQ(dropped(snapshot), (Reasons{{"limit", 6}}));
  EXPECT_EQ(find_family(families_of(snapshot), "a")->series.size(), 2'000u);
}

TEST(RegisteredFamilies, AreAMegabyteOfATargetAtMost) {
  std::vector<RegisteredSeries> series;
  const LabelTexts labels(8, {"", std::string(400, 'x')});
  for (int i = 0; i < 900; ++i) {
    auto& added = series.emplace_back(histogram("h" + std::to_string(i), labels));
    for (std::size_t k = 0; k < labels.size(); ++k) added.labels[k].first = "l" + std::to_string(k);
  }
  series.push_back(gauge("small"));
  const auto snapshot = snapshot_of(std::move(series));
  const std::string text = text_of(snapshot);
  EXPECT_GT(text.size(), 500'000u);
  EXPECT_LT(text.size(), 1'200'000u);
  EXPECT_THAT(text, HasSubstr("\nsmall 1\n"));
  EXPECT_GT(dropped(snapshot)["limit"], 800u);
}

template <typename Choices>
std::string any_of(const Choices& choices, std::mt19937& random) {
  return choices[random() % std::size(choices)];
}

RegisteredSeries any_series(std::mt19937& random) {
  const std::vector<std::string> names{"a",
                                       "a_total",
                                       "a_created",
                                       "a_count",
                                       "a_bucket",
                                       "a_info",
                                       "_total",
                                       "b:c",
                                       "9",
                                       "\xff",
                                       "valk_eval",
                                       "up",
                                       "valk_gc_pause_duration_seconds"};
  const std::vector<std::string> keys{"l", "le", "process", "exported_process", "__l", "m", "\x80"};
  const std::vector<std::string> values{"", "x", "\n\"\\", "\xff\xfe", std::string(100, 'x')};
  LabelTexts labels;
  for (std::size_t i = random() % 4; i > 0; --i) {
    labels.emplace_back(any_of(keys, random), any_of(values, random));
  }
  const std::string name = any_of(names, random);
  switch (random() % 3) {
    case 0:
      return counter(name, random(), labels);
    case 1:
      return gauge(name, -static_cast<std::int64_t>(random()), labels);
    default:
      return histogram(name, labels);
  }
}

std::size_t registered_series(const std::vector<Family>& families) {
  std::size_t count = 0;
  for (const Family& family : families) {
    if (family.help.starts_with("Registered ")) count += family.series.size();
  }
  return count;
}

TEST(RegisteredFamilies, OfAnythingShareNoNamesAndLoseNoSeriesUncounted) {
  std::mt19937 random(1);
  for (int round = 0; round < 300; ++round) {
    auto snapshot = snapshot_of({});
    snapshot.targets.resize(1 + random() % 3);
    std::size_t expected = 0;
    for (std::size_t i = 0; i < snapshot.targets.size(); ++i) {
      auto& target = snapshot.targets[i];
      if (snapshot.targets.size() > 1) target.process = "p" + std::to_string(i);
      target.registry = model::Registry{};
      for (std::size_t k = random() % 30; k > 0; --k, ++expected) {
        target.registry->series.push_back(any_series(random));
      }
    }
    const auto families = families_of(snapshot);
    std::set<std::string> names;
    for (const Family& family : families) {
      for (const auto& name : expose::taken_names(family.name, family.type)) {
        EXPECT_TRUE(names.insert(name).second) << name;
      }
      std::set<expose::Labels> series;
      for (const auto& one : family.series) EXPECT_TRUE(series.insert(one.labels).second);
    }
    std::size_t seen = registered_series(families);
    for (const auto& [reason, count] : dropped(snapshot)) seen += count;
    EXPECT_EQ(seen, expected);
    EXPECT_THAT(expose::write_openmetrics(families), testing::EndsWith("# EOF\n"));
    EXPECT_FALSE(expose::write_text(families).empty());
  }
}

TEST(RegisteredFamilies, TellHowManyCouldNotBeRead) {
  auto snapshot = snapshot_of({});
  snapshot.targets[0].registry->unreadable = 3;
  EXPECT_EQ(dropped(snapshot), (Reasons{{"unreadable", 3}}));
  snapshot.targets[0].registry.reset();
  EXPECT_EQ(find_family(families_of(snapshot), "valkyria_exporter_registered_series_dropped"),
            nullptr);
}

TEST(RegisteredFamilies, AreInTheJsonAsTheRuntimeWritesThem) {
  auto snapshot = snapshot_of({counter("shop_orders_total", 9'007'199'254'740'993, {{"l", "\xff"}}),
                               gauge("shop_balance", -42), histogram("shop_wait_seconds"),
                               counter("valk_eval_total"), gauge("a", 1, {{"process", "x"}})});
  const auto registry = [&] {
    return nlohmann::json::parse(
        expose::write_json(snapshot, snapshot.targets[0]))["modular_metrics"];
  };
  const auto written = registry();
  EXPECT_EQ(written["counters"], nlohmann::json::parse(R"([{"name": "shop_orders_total",
      "value": 9007199254740993, "labels": {"l": "\ufffd"}}])"));
  EXPECT_EQ(written["gauges"], nlohmann::json::parse(R"([
      {"name": "shop_balance", "value": -42, "labels": {}},
      {"name": "a", "value": 1, "labels": {"process": "x"}}])"));
  EXPECT_EQ(written["histograms"], nlohmann::json::parse(R"([{"name": "shop_wait_seconds",
      "count": 7, "sum": 7.25, "labels": {}, "buckets": [{"le": 0.00005, "count": 1},
      {"le": 0.25, "count": 2}, {"le": "+Inf", "count": 4}]}])"));
  snapshot.targets[0].process = "web";
  EXPECT_EQ(registry()["gauges"][1]["labels"],
            nlohmann::json::parse(R"({"exported_process": "x"})"));
}

}  // namespace
