// A load of known size, as probes count it, compared with what minivalk itself counted. Its memory
// is not read here: it has no symbols.
#include <memory>

#include "exporter.h"
#include "support/minivalk.h"

namespace e2e {
namespace {

using KnownLoad = EndToEnd;
using test::Samples;

constexpr std::uint64_t kRequests = 2'000;
constexpr std::size_t kConnections = 20;
constexpr int kCollections = 50;

const std::vector<std::string> kPaths{"/",           "/fib?n=10",   "/status/201", "/status/302",
                                      "/status/404", "/status/500", "/alloc?kb=8", "/status/799"};

// Sums that the exporter measures with its own clock, not the runtime's: within a hundredth.
// A mean is printed with fewer digits.
bool is_measured(const std::string& name) {
  return name.ends_with("_avg") || name.starts_with("valk_gc_pause") ||
         name.starts_with("valk_gc_time_to_safepoint");
}

bool is_bucket_or_extreme(const std::string& name) {
  return name.ends_with("_bucket") || name.ends_with("_max");
}

// A turn of the loop is booked after it is over, so the one that answers `truth` is in one of the
// two alone.
bool is_unsettled(const std::string& name) {
  return name.starts_with("valk_loop_stall");
}

// The two clocks stand on different sides of a trap: a microsecond or so each, more on a busy
// machine.
constexpr double kTrapSeconds = 10e-6;

// Every series of the exporter that the truth has too must have the truth's value.
void expect_truth(const Samples& exported, const Samples& truth) {
  int compared = 0;
  for (const auto& [series, value] : exported.values) {
    const test::Value* true_value = truth.find(series.name, series.labels);
    if (true_value == nullptr || is_unsettled(series.name)) continue;
    if (series.name == "valk_gc_last_collection_timestamp_seconds") {
      // minivalk asks the clock that is set, we one that is not.
      EXPECT_NEAR(value.number, true_value->number, 0.01) << to_string(series);
    } else if (!is_measured(series.name) || series.name.ends_with("_count")) {
      EXPECT_EQ(value.number, true_value->number) << to_string(series);
    } else if (!is_bucket_or_extreme(series.name) && !series.name.starts_with("valk_gc_time")) {
      EXPECT_NEAR(value.number, true_value->number, 0.01 * true_value->number) << to_string(series);
    }
    ++compared;
  }
  EXPECT_GT(compared, 50);
}

// And the other way round: what a probe can tell of the truth is there.
void expect_complete(const Samples& exported, const Samples& truth) {
  for (const char* family : {"valk_gc_cycles_total",
                             "valk_gc_pause_seconds_total",
                             "valk_gc_reclaimed_bytes_total",
                             "valk_gc_heap_total_bytes",
                             "valk_gc_trigger_bytes",
                             "http_requests_total",
                             "http_request_duration_seconds_bucket",
                             "http_bytes_sent_total",
                             "http_bytes_recv_total",
                             "valk_gc_pause_duration_seconds_count",
                             "valk_gc_time_to_safepoint_seconds_count",
                             "valk_aio_connection_state_duration_seconds_count",
                             "valk_aio_connection_transitions_total",
                             "valk_eval_duration_seconds_count",
                             "http_client_operations_total",
                             "http_client_errors_total",
                             "http_client_retries_total",
                             "http_client_cache_hits_total",
                             "http_client_cache_misses_total",
                             "http_client_request_duration_seconds_bucket",
                             "http_overload_responses_total"}) {
    for (const auto& series : truth.series(family)) {
      // A server that nobody has asked yet is not known to a probe.
      if (truth.number(series.name, series.labels) == 0) continue;
      EXPECT_NE(exported.find(series.name, series.labels), nullptr) << to_string(series);
    }
  }
}

void expect_counts_equal_infinity(const Samples& exported) {
  int histograms = 0;
  for (const auto& [series, value] : exported.values) {
    if (!series.labels.contains("le") || series.labels.at("le") != "+Inf") continue;
    const std::string family = series.name.substr(0, series.name.size() - 7);
    test::Labels labels = series.labels;
    labels.erase("le");
    EXPECT_EQ(exported.number(family + "_count", labels), value.number) << to_string(series);
    ++histograms;
  }
  EXPECT_GT(histograms, 5);
}

void put_load_on(test::Minivalk& minivalk) {
  const test::LoadResult load = test::run_load(minivalk.port(), kConnections, kPaths, kRequests);
  ASSERT_EQ(load.failures, 0u);
  ASSERT_EQ(load.responses(), kRequests);
  for (int i = 0; i < kCollections; ++i) minivalk.command("gc");
}

// Connections close a moment after the load is over, on minivalk's own time.
Samples settled_truth(test::Minivalk& minivalk) {
  Samples truth;
  test::wait_until(test::soon(), [&] {
    truth = minivalk.truth();
    return truth.sum("valk_aio_connection_transitions_total", {{"to", "closed"}}) ==
           truth.sum("valk_aio_connection_transitions_total", {{"from", "none"}});
  });
  return truth;
}

TEST_F(KnownLoad, IsCountedExactly) {
  test::Minivalk minivalk({"--servers", "2"}, stripped_programs_dir());
  const Exporter exporter = Exporter::of_pid(minivalk.pid());
  put_load_on(minivalk);
  const Samples truth = settled_truth(minivalk);
  const Samples exported = exporter.metrics();
  expect_truth(exported, truth);
  expect_complete(exported, truth);
  expect_counts_equal_infinity(exported);
  EXPECT_EQ(exported.sum("http_requests_total"), kRequests);
  EXPECT_GE(exported.integer("valk_gc_cycles_total"), 50u);
  EXPECT_EQ(exported.sum("valkyria_exporter_lost_events_total"), 0);
}

// All hits but those of stalled turns, which depend on how busy the machine is.
double hits_of_requests(const Exporter& exporter) {
  const Samples exported = exporter.metrics();
  return exported.sum("valkyria_exporter_probe_hits_total") -
         exported.sum("valkyria_exporter_probe_hits_total", {{"probe", "loop__stall"}});
}

TEST_F(KnownLoad, CostsOneHitARequestOnKeptAliveConnections) {
  test::Minivalk minivalk({}, stripped_programs_dir());
  const Exporter exporter = Exporter::of_pid(minivalk.pid());
  test::HttpConnection connection(minivalk.port());
  connection.get("/");
  minivalk.truth();
  const double before = hits_of_requests(exporter);
  for (int i = 0; i < 500; ++i) connection.get("/status/404");
  minivalk.truth();  // an answer may arrive before its probe has fired; this one comes after
  EXPECT_EQ(hits_of_requests(exporter) - before, 500);
}

TEST_F(KnownLoad, OfASecondProcessOfTheSameBinaryIsNotCounted) {
  test::Minivalk minivalk({}, stripped_programs_dir());
  test::Minivalk other({}, stripped_programs_dir());
  const Exporter exporter = Exporter::of_pid(minivalk.pid());
  test::run_load(other.port(), 4, kPaths, 400);
  other.command("gc");
  test::run_load(minivalk.port(), 4, kPaths, 80);
  const Samples truth = settled_truth(minivalk);
  const Samples exported = exporter.metrics();
  expect_truth(exported, truth);
  EXPECT_EQ(exported.sum("http_requests_total"), 80);
}

TEST_F(KnownLoad, OfAHundredThreadsIsCountedExactly) {
  test::ChildProcess puppet(puppet_path("probe_puppet"), {});
  ASSERT_EQ(puppet.read_line(test::soon()), "ready");
  const Exporter exporter = Exporter::of_pid(puppet.pid());
  puppet.write_line("requests 100 300");
  ASSERT_EQ(puppet.read_line(test::soon()), "done");
  const Samples exported = exporter.metrics();
  EXPECT_EQ(exported.sum("http_requests_total"), 30'000);
  EXPECT_EQ(exported.integer("valkyria_exporter_probe_hits_total", {{"probe", "request__end"}}),
            30'000u);
}

TEST_F(KnownLoad, ThatCameBeforeAttachingIsNotCounted) {
  test::Minivalk minivalk({}, stripped_programs_dir());
  test::run_load(minivalk.port(), 2, kPaths, 100);
  settled_truth(minivalk);
  const Exporter exporter = Exporter::of_pid(minivalk.pid());
  test::run_load(minivalk.port(), 2, kPaths, 7);
  settled_truth(minivalk);
  EXPECT_EQ(exporter.metrics().sum("http_requests_total"), 7);
}

// Everything that minivalk can do, on both of its systems, and with limits that are reached.
TEST_F(KnownLoad, OnTwoSystemsWithClientsStallsAndOverloadIsCountedExactly) {
  test::Minivalk minivalk({"--servers", "2", "--systems", "main,background", "--connections", "32"},
                          stripped_programs_dir());
  const Samples before_exporter = minivalk.truth();
  const Exporter exporter = Exporter::of_pid(minivalk.pid());
  const Samples before = minivalk.truth();
  for (const auto& server : minivalk.servers()) {
    ASSERT_EQ(test::run_load(server.port, 16, kPaths, 5'000).responses(), 5'000u);
    for (const char* client : {"redis-cache", "postgres-primary"}) {
      const std::string path = std::string("/client?name=") + client + "&ops=125";
      EXPECT_EQ(test::get(server.port, path).status, 200);
    }
    for (int i = 0; i < 10; ++i) test::get(server.port, "/stall?ms=5");
    // More connections than the pool has: the last ones are shed.
    std::vector<std::unique_ptr<test::HttpConnection>> crowd;
    for (int i = 0; i < 64; ++i) {
      crowd.push_back(std::make_unique<test::HttpConnection>(server.port));
    }
    for (auto& connection : crowd) connection->get("/");
  }
  for (int i = 0; i < 2 * kCollections; ++i) minivalk.command("gc");
  const Samples truth = settled_truth(minivalk);
  const Samples exported = exporter.metrics();
  expect_truth(exported, truth);
  expect_complete(exported, truth);
  expect_counts_equal_infinity(exported);
  EXPECT_EQ(exported.sum("http_client_operations_total"), 500);
  EXPECT_GT(exported.sum("http_overload_responses_total"), 0);
  // Stalled turns of minivalk's start were before us, but for those between a start of ours and the
  // time that we serve: a busy machine makes some.
  const std::string stalls = "valk_loop_stall_duration_seconds_count";
  EXPECT_GE(exported.sum(stalls), 20);
  EXPECT_GE(exported.sum(stalls), truth.sum(stalls) - before.sum(stalls));
  EXPECT_LE(exported.sum(stalls), truth.sum(stalls) - before_exporter.sum(stalls));
  EXPECT_GE(exported.integer("valk_gc_cycles_total"), 100u);
  EXPECT_EQ(exported.sum("valkyria_exporter_lost_events_total"), 0);
}

}  // namespace
}  // namespace e2e
