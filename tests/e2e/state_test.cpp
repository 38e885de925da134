// What the runtime counts itself, read from its memory and compared with what it says.
#include <gmock/gmock.h>

#include <fcntl.h>
#include <unistd.h>
#include <algorithm>
#include <cmath>
#include <memory>
#include <nlohmann/json.hpp>
#include <thread>

#include "exporter.h"
#include "support/catalogue.h"
#include "support/minivalk.h"

namespace e2e {
namespace {

using State = EndToEnd;
using test::Samples;

const std::vector<std::string> kPaths{"/",           "/fib?n=10",   "/status/201", "/status/302",
                                      "/status/404", "/status/500", "/alloc?kb=8", "/status/799"};
const std::vector<std::string> kClients{"redis-cache", "postgres-primary"};

// Two systems with a server each.
class Busy {
 public:
  Busy() {
    for (const auto& server : minivalk.servers()) {
      EXPECT_EQ(test::run_load(server.port, 8, kPaths, 2'000).responses(), 2'000u);
      for (const std::string& client : kClients) {
        test::get(server.port, "/client?name=" + client + "&ops=40");
      }
      for (int i = 0; i < 5; ++i) {
        idle_.push_back(std::make_unique<test::HttpConnection>(server.port));
        idle_.back()->get("/");
      }
      // More than the pool has room for: shed.
      std::vector<std::unique_ptr<test::HttpConnection>> crowd;
      for (int i = 0; i < 48; ++i) {
        crowd.push_back(std::make_unique<test::HttpConnection>(server.port));
        crowd.back()->get("/");
      }
    }
    for (int i = 0; i < 20; ++i) minivalk.command("gc");
  }

  test::Minivalk minivalk{
      {"--servers", "2", "--systems", "main,background", "--connections", "32"}};

 private:
  std::vector<std::unique_ptr<test::HttpConnection>> idle_;
};

// Telling the truth takes turns and events of its own, and time goes on.
bool goes_on_by_itself(const std::string& name) {
  return name.starts_with("valk_loop_i") || name == "valk_events_processed_total" ||
         name == "valk_aio_uptime_seconds";
}

// Connections close a moment after their clients, on minivalk's own time.
Samples quiet_truth(test::Minivalk& minivalk) {
  Samples truth;
  EXPECT_TRUE(test::wait_until(test::soon(), [&] {
    truth = minivalk.truth();
    return truth.sum("valk_aio_connections_idle") == 10 &&
           truth.sum("valk_aio_connection_pool_used") == 10 &&
           truth.sum("valk_aio_requests_active") == 0 &&
           truth.sum("valk_aio_handles_count") == minivalk.truth().sum("valk_aio_handles_count");
  }));
  return truth;
}

// The series of a family, those of a histogram included.
std::vector<test::Series> series_of(const Samples& samples, const test::CatalogueRow& row) {
  if (row.kind != "histogram") return samples.series(row.name);
  std::vector<test::Series> all;
  for (const char* suffix : {"_bucket", "_sum", "_count"}) {
    for (auto& series : samples.series(row.name + suffix)) all.push_back(series);
  }
  return all;
}

// Every series of these families that the truth has, between the truth before and after. Those that
// don't go on by themselves are the same in both, so they must be exactly that.
void expect_truth(const Samples& exported, const Samples& before, const Samples& after,
                  const std::set<std::string>& from) {
  int compared = 0;
  for (const test::CatalogueRow& row : test::read_catalogue()) {
    if (!from.contains(row.from)) continue;
    const auto all = series_of(before, row);
    EXPECT_FALSE(all.empty()) << row.name;
    EXPECT_EQ(series_of(exported, row).size(), all.size()) << row.name;
    for (const auto& series : all) {
      const test::Value* value = exported.find(series.name, series.labels);
      ASSERT_NE(value, nullptr) << to_string(series);
      const double low = before.number(series.name, series.labels);
      const double high = after.number(series.name, series.labels);
      if (!goes_on_by_itself(row.name)) {
        ASSERT_EQ(low, high) << to_string(series);
      }
      // A mean and a ratio are printed with as many digits as they need, not by the same code.
      const double rounding = 1e-12 * std::abs(high);
      EXPECT_GE(value->number, low - rounding) << to_string(series);
      EXPECT_LE(value->number, high + rounding) << to_string(series);
      ++compared;
    }
  }
  EXPECT_GT(compared, 100);
}

TEST_F(State, EqualsTheTruthExactlyWhenAttachedLate) {
  Busy busy;
  quiet_truth(busy.minivalk);
  const Exporter exporter = Exporter::of_pid(busy.minivalk.pid());
  const Samples before = busy.minivalk.truth();
  const Samples exported = exporter.metrics();
  const Samples after = busy.minivalk.truth();
  expect_truth(exported, before, after, {"state", "state|probe"});
  EXPECT_GT(exported.sum("http_requests_total"), 4'000);
  EXPECT_GE(exported.integer("valk_gc_cycles_total"), 20u);
  EXPECT_EQ(exported.sum("valk_aio_connections_idle"), 10);
  EXPECT_GT(exported.sum("valk_aio_connections_rejected_load_total"), 0);
  // Latencies too are those since the start, not since we came.
  EXPECT_GT(exported.sum("http_request_duration_seconds_count"), 4'000);
  EXPECT_EQ(exported.integer("valkyria_exporter_collector_success", {{"collector", "state"}}), 1u);
}

TEST_F(State, TellsDurationsTooWhereTheirProbesAreNotAttached) {
  Busy busy;
  quiet_truth(busy.minivalk);
  const Exporter exporter({"--pid", std::to_string(busy.minivalk.pid()), "--probes", "gc"});
  const Samples before = busy.minivalk.truth();
  const Samples exported = exporter.metrics();
  const Samples after = busy.minivalk.truth();
  expect_truth(exported, before, after, {"state", "state|probe"});
}

TEST_F(State, IsAllThereIsInADumpThatAttachesNothing) {
  Busy busy;
  quiet_truth(busy.minivalk);
  const Samples before = busy.minivalk.truth();
  const Answer answer =
      run_to_end({"dump", "--pid", std::to_string(busy.minivalk.pid()), "--cache-dir", ""});
  const Samples after = busy.minivalk.truth();
  EXPECT_EQ(answer.code, 0) << answer.err;
  const Samples exported = test::parse_prometheus(answer.out);
  expect_truth(exported, before, after, {"state", "state|probe"});
}

TEST_F(State, MakesTheWholeCatalogueServed) {
  Busy busy;
  const Exporter exporter = Exporter::of_pid(busy.minivalk.pid());
  for (const std::string& client : kClients) {
    test::get(busy.minivalk.port(), "/client?name=" + client + "&ops=4");
  }
  const Samples exported = exporter.metrics();
  for (const test::CatalogueRow& row : test::read_catalogue()) {
    ASSERT_TRUE(exported.types.contains(row.name)) << row.name;
    EXPECT_EQ(exported.types.at(row.name), row.kind) << row.name;
    EXPECT_FALSE(exported.helps.at(row.name).empty()) << row.name;
    for (const auto& series : series_of(exported, row)) {
      std::set<std::string> labels;
      for (const auto& [name, value] : series.labels) labels.insert(name);
      labels.erase("le");
      EXPECT_EQ(labels, row.labels) << to_string(series);
    }
  }
}

TEST_F(State, SaysWhereEachFamilyComesFrom) {
  test::Minivalk minivalk;
  const Exporter exporter = Exporter::of_pid(minivalk.pid());
  const auto json = nlohmann::json::parse(exporter.get("/debug/metrics").body);
  EXPECT_EQ(json["process"]["layout"], "minivalk");
  EXPECT_EQ(json["process"]["sources"]["valk_gc_cycles_total"], "state");
  EXPECT_EQ(json["process"]["sources"]["http_request_duration_seconds"], "state");
  EXPECT_EQ(json["process"]["sources"]["valk_gc_pause_duration_seconds"], "probe");
  const Answer probes = run_to_end(
      {"probes", "--pid", std::to_string(minivalk.pid()), "--format", "json", "--cache-dir", ""});
  const auto listed = nlohmann::json::parse(probes.out);
  EXPECT_THAT(listed["state"]["families"].get<std::vector<std::string>>(),
              testing::Contains("valk_gc_cycles_total"));
}

TEST_F(State, IsEachProcesssOwn) {
  test::Minivalk first;
  test::Minivalk second;
  for (int i = 0; i < 3; ++i) second.command("gc");
  const Exporter exporter({"--exe", std::string(VALKYRIA_BIN_DIR) + "/minivalk"});
  ASSERT_TRUE(comes_to(exporter, "valkyria_up", {}, 2));
  const Samples exported = exporter.metrics();
  const auto cycles_of = [&](pid_t pid) {
    const auto info =
        exported.series("valkyria_process_info", {{"pid", std::to_string(pid)}}).at(0);
    return exported.integer("valk_gc_cycles_total", {{"process", info.labels.at("process")}});
  };
  EXPECT_EQ(cycles_of(first.pid()), 0u);
  EXPECT_EQ(cycles_of(second.pid()), 3u);
}

// A gauge and what it can't be above.
constexpr std::pair<const char*, const char*> kCapacities[] = {
    {"valk_aio_arenas_used", "valk_aio_arenas_total"},
    {"valk_aio_tcp_buffers_used", "valk_aio_tcp_buffers_total"},
    {"valk_aio_connection_pool_used", "valk_aio_connection_pool_total"},
    {"valk_aio_connections_active", "valk_aio_connection_pool_total"},
    {"valk_aio_connections_idle", "valk_aio_connection_pool_total"},
    {"valk_gc_heap_used_bytes", "valk_gc_heap_total_bytes"},
    {"valk_gc_heap_peak_bytes", "valk_gc_heap_total_bytes"},
};

void expect_gauges_in_range(const Samples& exported) {
  for (const auto& [series, value] : exported.values) {
    ASSERT_GE(value.number, 0) << to_string(series);
    ASSERT_LT(value.number, 9e18) << to_string(series);
  }
  for (const auto& [used, capacity] : kCapacities) {
    for (const auto& series : exported.series(used)) {
      ASSERT_LE(exported.number(used, series.labels), exported.number(capacity, series.labels))
          << to_string(series);
    }
  }
  if (exported.find("valk_gc_heap_utilization_ratio") != nullptr) {
    ASSERT_LE(exported.number("valk_gc_heap_utilization_ratio"), 1);
  }
}

bool is_counter(const Samples& exported, const std::string& name) {
  const auto type = exported.types.find(name);
  if (type != exported.types.end()) return type->second == "counter";
  return name.ends_with("_bucket") || name.ends_with("_count") || name.ends_with("_sum");
}

TEST_F(State, NeverFallsNorLeavesItsRangeUnderLoad) {
  test::Minivalk minivalk(
      {"--servers", "2", "--systems", "main,background", "--connections", "16"});
  const Exporter exporter = Exporter::of_pid(minivalk.pid());
  std::vector<std::jthread> load;  // end with this test, however it ends
  for (const auto& server : minivalk.servers()) {
    load.emplace_back([port = server.port](const std::stop_token& stop) {
      while (!stop.stop_requested()) test::run_load(port, 12, kPaths, 500);
    });
  }
  test::HttpConnection connection(exporter.port());
  Samples last;
  for (int i = 0; i < 1'000 && !HasFatalFailure(); ++i) {
    const Samples exported = test::parse_prometheus(connection.get("/metrics").body);
    EXPECT_TRUE(exported.problems.empty());
    expect_gauges_in_range(exported);
    for (const auto& [series, value] : last.values) {
      if (!is_counter(exported, series.name)) continue;
      const test::Value* now = exported.find(series.name, series.labels);
      ASSERT_NE(now, nullptr) << to_string(series);
      ASSERT_GE(now->number, value.number) << to_string(series);
    }
    last = exported;
  }
  EXPECT_GT(last.sum("http_requests_total"), 1'000);
}

std::optional<double> missed(const Exporter& exporter, const std::string& event) {
  const Samples exported = exporter.metrics();
  const test::Value* value =
      exported.find("valkyria_exporter_missed_events_total", {{"event", event}});
  return value != nullptr ? std::optional(value->number) : std::nullopt;
}

// Seconds of CPU that the exporter's ticks have had time for: five comparisons, a second apart.
constexpr std::chrono::seconds kComparing{20};

TEST_F(State, ShowsThatProbesMissNothingInAHundredThousandRequests) {
  test::Minivalk minivalk({"--servers", "2", "--systems", "main,background"});
  const Exporter exporter = Exporter::of_pid(minivalk.pid());
  std::vector<std::jthread> load;
  for (const auto& server : minivalk.servers()) {
    load.emplace_back([port = server.port] {
      for (int i = 0; i < 10; ++i) {
        EXPECT_EQ(test::run_load(port, 8, kPaths, 5'000).responses(), 5'000u);
      }
    });
  }
  load.clear();
  EXPECT_EQ(exporter.metrics().sum("http_requests_total"), 100'000);
  for (const char* event : {"gc_cycle", "request", "connection"}) {
    EXPECT_EQ(missed(exporter, event), 0) << event;
  }
  EXPECT_EQ(exporter.metrics().sum("valkyria_exporter_lost_events_total"), 0);
}

// Where the semaphores of a probe stand in the process.
std::vector<std::uint64_t> semaphores_of(pid_t pid, const std::string& probe) {
  const Answer answer =
      run_to_end({"probes", "--pid", std::to_string(pid), "--format", "json", "--cache-dir", ""});
  const auto listed = nlohmann::json::parse(answer.out);
  std::vector<std::uint64_t> addresses;
  for (const auto& entry : listed["probes"]) {
    if (entry["name"] != probe) continue;
    for (const auto& semaphore : entry["semaphores"]) {
      addresses.push_back(std::stoull(semaphore["address"].get<std::string>(), nullptr, 16));
    }
  }
  return addresses;
}

// What a debugger or a broken tool might do: from now on the probe is silent, and nobody is told.
void silence(pid_t pid, const std::string& probe) {
  const std::string path = "/proc/" + std::to_string(pid) + "/mem";
  const int memory = ::open(path.c_str(), O_WRONLY | O_CLOEXEC);
  ASSERT_GE(memory, 0);
  const std::vector<std::uint64_t> addresses = semaphores_of(pid, probe);
  ASSERT_FALSE(addresses.empty());
  for (const std::uint64_t address : addresses) {
    const std::uint16_t zero = 0;
    ASSERT_EQ(::pwrite(memory, &zero, sizeof zero, static_cast<off_t>(address)), 2);
  }
  ::close(memory);
}

TEST_F(State, ShowsWhatProbesMiss) {
  test::Minivalk minivalk;
  const Exporter exporter = Exporter::of_pid(minivalk.pid());
  test::run_load(minivalk.port(), 2, kPaths, 100);
  ASSERT_TRUE(test::wait_until(test::soon(), [&] { return missed(exporter, "request") == 0; }));
  silence(minivalk.pid(), "request__end");
  test::run_load(minivalk.port(), 2, kPaths, 60);
  EXPECT_TRUE(test::wait_until(test::in(kComparing), [&] {
    return missed(exporter, "request") == 60;
  })) << missed(exporter, "request").value_or(-1);
  EXPECT_EQ(missed(exporter, "connection"), 0);
  EXPECT_EQ(missed(exporter, "gc_cycle"), 0);
  EXPECT_EQ(exporter.metrics().sum("http_requests_total"), 160);  // which memory still tells
}

}  // namespace
}  // namespace e2e
