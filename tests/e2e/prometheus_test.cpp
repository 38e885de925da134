// What a real Prometheus makes of our metrics.
#include "prometheus.h"

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdlib>
#include <regex>
#include <sstream>

#include "exporter.h"
#include "support/minivalk.h"

namespace e2e {
namespace {

using test::Samples;

// The examples of the runtime's own metrics plan, for its dashboards.
constexpr const char* kPlannedQueries[] = {
    "rate(http_requests_total{status=\"2xx\"}[1m])",
    "100 * rate(http_requests_total{status=~\"4xx|5xx\"}[1m]) / rate(http_requests_total[1m])",
    "histogram_quantile(0.99, rate(http_request_duration_seconds_bucket[5m])) * 1000",
    "valk_gc_heap_utilization_ratio * 100",
    "100 * valk_aio_arenas_used / valk_aio_arenas_total",
    "(rate(valk_gc_pause_seconds_total[5m]) / rate(valk_gc_cycles_total[5m])) * 1000",
    "valk_aio_uptime_seconds",
    "rate(http_requests_total[1m])",
    "rate(http_requests_total{status=~\"4xx|5xx\"}[1m]) / rate(http_requests_total[1m])",
    "histogram_quantile(0.50, rate(http_request_duration_seconds_bucket[5m]))",
    "histogram_quantile(0.95, rate(http_request_duration_seconds_bucket[5m]))",
    "histogram_quantile(0.99, rate(http_request_duration_seconds_bucket[5m]))",
    "valk_gc_heap_used_bytes",
    "valk_gc_heap_total_bytes",
    "valk_gc_pause_seconds_max * 1000",
    "valk_gc_pause_seconds_total / valk_gc_cycles_total * 1000",
    "http_requests_total{status=\"2xx\"}",
    "http_requests_total{status=\"4xx\"}",
    "http_requests_total{status=\"5xx\"}",
    "rate(http_bytes_recv_total[1m])",
    "rate(http_bytes_sent_total[1m])",
    "histogram_quantile(0.99, rate(http_client_request_duration_seconds_bucket[5m]))",
    "rate(http_client_operations_total[1m])",
    "max_over_time(rate(http_client_operations_total[1m])[5m:1s])",
    "http_client_retries_total / http_client_operations_total",
};

bool has_number(const Samples& answer) {
  for (const auto& [series, value] : answer.values) {
    if (std::isfinite(value.number)) return true;
  }
  return false;
}

// Whether everything that a query asks for is served.
bool is_served(const Samples& exported, const std::string& promql) {
  const std::regex name("(valk|http)_[a-z_]+");
  for (auto found = std::sregex_iterator(promql.begin(), promql.end(), name);
       found != std::sregex_iterator(); ++found) {
    if (exported.series(found->str()).empty()) return false;
  }
  return true;
}

// What the part of Prometheus that scrapes complains of.
std::string complaints(const std::string& log) {
  std::istringstream lines(log);
  std::string found;
  for (std::string line; std::getline(lines, line);) {
    const bool about_scrapes = line.find("scrape") != std::string::npos ||
                               line.find("Error on ingesting") != std::string::npos;
    if (about_scrapes && line.find("level=info") == std::string::npos) found += line + "\n";
  }
  return found;
}

class PrometheusTest : public EndToEnd {
 protected:
  void SetUp() override {
    EndToEnd::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    if (::access(prometheus_path().c_str(), X_OK) != 0) {
      if (std::getenv("CI") != nullptr) FAIL() << "no Prometheus at " << prometheus_path();
      GTEST_SKIP() << "no Prometheus; run: tools/install_packages --with-prometheus";
    }
    minivalk_.emplace();
    exporter_.emplace(std::vector<std::string>{"--pid", std::to_string(minivalk_->pid())});
    prometheus_.emplace(exporter_->port());
  }

  // A little of everything that fires a probe.
  void put_load() {
    test::run_load(minivalk_->port(), 2,
                   {"/", "/status/404", "/status/500", "/fib?n=10", "/stall?ms=2",
                    "/client?name=redis-cache&ops=4"},
                   12);
    minivalk_->command("gc");
    minivalk_->command("eval (fib 5)");
  }

  // Whether the condition comes true while there is load.
  template <typename Condition>
  bool becomes_true_under_load(Condition condition) {
    return test::wait_until(test::soon(), [&] {
      put_load();
      return condition();
    });
  }

  void expect_answer(const std::string& promql) {
    EXPECT_TRUE(becomes_true_under_load([&] { return has_number(prometheus_->query(promql)); }))
        << promql;
  }

  void expect_answers_to_the_plan();
  void expect_a_rate_of_every_counter();
  void expect_stored_as_served();
  void expect_no_complaints();

  std::optional<test::Minivalk> minivalk_;
  std::optional<Exporter> exporter_;
  std::optional<Prometheus> prometheus_;
};

void PrometheusTest::expect_answers_to_the_plan() {
  put_load();
  const Samples exported = exporter_->metrics();
  int answered = 0;
  for (const char* promql : kPlannedQueries) {
    if (!is_served(exported, promql)) continue;
    expect_answer(promql);
    ++answered;
  }
  EXPECT_GE(answered, 12);
}

// Of every series of it.
void PrometheusTest::expect_a_rate_of_every_counter() {
  int counters = 0;
  for (const auto& [family, type] : exporter_->metrics().types) {
    if (type != "counter") continue;
    EXPECT_TRUE(becomes_true_under_load([&, &name = family] {
      return prometheus_->query("rate(" + name + "[1m])").values.size() ==
             exporter_->metrics().series(name).size();
    })) << family;
    ++counters;
  }
  EXPECT_GT(counters, 8);
}

// To Prometheus a label without a value is no label.
Samples without_empty_labels(const Samples& samples) {
  Samples stripped;
  for (const auto& [series, value] : samples.values) {
    test::Series known = series;
    std::erase_if(known.labels, [](const auto& label) { return label.second.empty(); });
    stripped.values.emplace(std::move(known), value);
  }
  return stripped;
}

// About the exporter's own work, which goes on, and depends on who asks.
bool is_about_the_exporter(const test::Series& series) {
  return series.name.starts_with("process_") ||
         series.name.starts_with("valkyria_exporter_collector");
}

// Compares once all is quiet.
void PrometheusTest::expect_stored_as_served() {
  const Samples before = without_empty_labels(exporter_->metrics());
  const std::chrono::duration<double> now = std::chrono::system_clock::now().time_since_epoch();
  ASSERT_TRUE(
      test::wait_until(test::soon(), [&] { return prometheus_->last_scrape() > now.count(); }));
  const Samples stored = prometheus_->query("{job=\"valkyria\"}");
  const Samples after = without_empty_labels(exporter_->metrics());
  int compared = 0;
  for (const auto& [series, value] : before.values) {
    const test::Value* found = stored.find(series.name, series.labels);
    ASSERT_NE(found, nullptr) << to_string(series);
    if (is_about_the_exporter(series)) continue;
    // Some go on by themselves, such as the CPU time of the runtime.
    if (after.number(series.name, series.labels) != value.number) continue;
    EXPECT_EQ(found->number, value.number) << to_string(series);
    ++compared;
  }
  EXPECT_GT(compared, 100);
  const bool was_openmetrics =
      std::any_of(stored.values.begin(), stored.values.end(),
                  [](const auto& sample) { return sample.first.name.ends_with("_created"); });
  EXPECT_TRUE(was_openmetrics);
  for (const auto& [series, value] : stored.values) {
    // It asks for OpenMetrics, which tells of each counter when it was created.
    const bool is_its_own = series.name == "up" || series.name.starts_with("scrape_") ||
                            series.name.ends_with("_created");
    EXPECT_TRUE(is_its_own || after.find(series.name, series.labels)) << to_string(series);
  }
}

void PrometheusTest::expect_no_complaints() {
  EXPECT_EQ(prometheus_->query("up").number("up"), 1);
  EXPECT_EQ(prometheus_->query("min_over_time(up[5m])").number(""), 1);
  for (const auto& target : prometheus_->api("targets").at("activeTargets")) {
    EXPECT_EQ(target.at("health"), "up");
    EXPECT_EQ(target.at("lastError"), "");
  }
  const Samples own = prometheus_->own_metrics();
  for (const char* fault :
       {"sample_duplicate_timestamp", "sample_out_of_order", "sample_out_of_bounds"}) {
    EXPECT_EQ(own.number("prometheus_target_scrapes_" + std::string(fault) + "_total"), 0) << fault;
  }
  EXPECT_EQ(prometheus_->stop(), (test::ExitStatus{.signalled = false, .code = 0}));
  EXPECT_EQ(complaints(prometheus_->log()), "");
}

// One test: it takes Prometheus five seconds to begin with its first scrape.
TEST_F(PrometheusTest, UnderstandsStoresAndQueriesAllThatIsServed) {
  expect_answer("histogram_quantile(0.99, rate(http_request_duration_seconds_bucket[1m]))");
  expect_answers_to_the_plan();
  expect_a_rate_of_every_counter();
  expect_stored_as_served();
  expect_no_complaints();
}

}  // namespace
}  // namespace e2e
