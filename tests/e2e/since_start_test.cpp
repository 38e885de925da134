// What memory tells is exact since the runtime started, however late we come.
#include "exporter.h"
#include "support/minivalk.h"

namespace e2e {
namespace {

using SinceStart = EndToEnd;
using test::Samples;

const std::vector<std::string> kPaths{"/",           "/fib?n=10",   "/status/201", "/status/302",
                                      "/status/404", "/status/500", "/alloc?kb=8", "/status/799"};

// Every class of status, two clients, and collections; then it is quiet.
void work(test::Minivalk& minivalk) {
  EXPECT_EQ(test::run_load(minivalk.port(), 4, kPaths, 800).responses(), 800U);
  for (const char* client : {"redis-cache", "postgres-primary"}) {
    test::get(minivalk.port(), std::string("/client?name=") + client + "&ops=50");
  }
  for (int i = 0; i < 3; ++i) minivalk.command("gc");
}

void expect_same(const Samples& exported, const Samples& truth, const std::string& name,
                 std::size_t least_series) {
  const auto all = truth.series(name);
  EXPECT_GE(all.size(), least_series) << name;
  EXPECT_EQ(exported.series(name).size(), all.size()) << name;
  for (const test::Series& series : all) {
    const test::Value* const value = exported.find(series.name, series.labels);
    ASSERT_NE(value, nullptr) << to_string(series);
    EXPECT_EQ(value->number, truth.number(series.name, series.labels)) << to_string(series);
  }
}

TEST_F(SinceStart, HistogramsEqualTheTruthWhenAttachedLate) {
  test::Minivalk minivalk;
  work(minivalk);
  const Exporter exporter = Exporter::of_pid(minivalk.pid());
  const Samples truth = minivalk.truth();
  const Samples exported = exporter.metrics();
  for (const char* suffix : {"_bucket", "_sum", "_count"}) {
    const bool is_bucket = std::string_view(suffix) == "_bucket";
    expect_same(exported, truth, std::string("http_request_duration_seconds") + suffix,
                is_bucket ? 18 : 1);
    expect_same(exported, truth, std::string("http_client_request_duration_seconds") + suffix,
                is_bucket ? 36 : 2);
  }
  EXPECT_GE(exported.sum("http_request_duration_seconds_count"), 800);
  EXPECT_EQ(exported.sum("http_client_request_duration_seconds_count"), 100);
}

TEST_F(SinceStart, RequestsOfAllStatusesAreThoseThatWereTimed) {
  test::Minivalk minivalk;
  work(minivalk);
  const Exporter exporter = Exporter::of_pid(minivalk.pid());
  const Samples truth = minivalk.truth();
  const Samples exported = exporter.metrics();
  expect_same(exported, truth, "http_requests_total", 5);
  EXPECT_EQ(exported.sum("http_requests_total"),
            exported.sum("http_request_duration_seconds_count"));
  EXPECT_EQ(exported.sum("http_requests_total"), exported.sum("valk_aio_requests_total"));
  EXPECT_EQ(exported.series("http_requests_total", {{"status", "other"}}).size(), 1U);
}

TEST_F(SinceStart, LastCollectionIsKnownThoughItWasBeforeWeCame) {
  test::Minivalk minivalk;
  work(minivalk);
  const Exporter exporter = Exporter::of_pid(minivalk.pid());
  const Samples truth = minivalk.truth();
  const Samples exported = exporter.metrics();
  expect_same(exported, truth, "valk_gc_heap_live_bytes", 1);
  expect_same(exported, truth, "valk_gc_last_collection_timestamp_seconds", 1);
  EXPECT_LE(exported.number("valk_gc_heap_live_bytes"), exported.number("valk_gc_heap_used_bytes"));
}

TEST_F(SinceStart, LastCollectionIsAbsentBeforeTheFirst) {
  test::Minivalk minivalk;
  const Exporter exporter = Exporter::of_pid(minivalk.pid());
  const Samples before = exporter.metrics();
  EXPECT_EQ(before.integer("valk_gc_cycles_total"), 0U);
  EXPECT_TRUE(before.series("valk_gc_heap_live_bytes").empty());
  EXPECT_TRUE(before.series("valk_gc_last_collection_timestamp_seconds").empty());
  minivalk.command("gc");
  EXPECT_EQ(exporter.metrics().integer("valk_gc_heap_live_bytes"),
            minivalk.truth().integer("valk_gc_heap_live_bytes"));
}

}  // namespace
}  // namespace e2e
