// Those who follow: the stream of events, and the seconds that a page begins with.
#include <gmock/gmock.h>

#include <algorithm>
#include <chrono>
#include <nlohmann/json.hpp>
#include <thread>
#include <vector>

#include "event_stream.h"
#include "exporter.h"
#include "support/http_load.h"
#include "support/minivalk.h"

namespace e2e {
namespace {

using Json = nlohmann::json;
using std::chrono::steady_clock;

class Live : public EndToEnd {};

TEST_F(Live, AStreamBeginsWithWhoIsWatchedAndTellsAMomentEachSecond) {
  test::Minivalk minivalk;
  const Exporter exporter = Exporter::of_pid(minivalk.pid());
  EventStream stream(exporter.port());
  const auto hello = stream.next();
  ASSERT_TRUE(hello);
  EXPECT_EQ(hello->name, "hello");
  EXPECT_NE(stream.head().find("Content-Type: text/event-stream"), std::string::npos);
  EXPECT_NE(stream.head().find("X-Accel-Buffering: no"), std::string::npos);
  const auto first = stream.next_of("snapshot");
  const auto second = stream.next_of("snapshot");
  ASSERT_TRUE(first && second);
  EXPECT_EQ(first->id, "");
  const double apart_ms =
      second->data["unix_ms"].get<double>() - first->data["unix_ms"].get<double>();
  EXPECT_GT(apart_ms, 500);
  const Json& target = second->data["targets"].at(0);
  EXPECT_EQ(target["process"]["pid"], minivalk.pid());
  EXPECT_TRUE(target["vm_metrics"].is_object());
}

TEST_F(Live, CollectionsComeWithinMomentsAndInOrder) {
  test::Minivalk minivalk;
  const Exporter exporter = Exporter::of_pid(minivalk.pid());
  EventStream stream(exporter.port());
  ASSERT_TRUE(stream.next_of("hello"));
  const auto begin = steady_clock::now();
  for (int i = 0; i < 20; ++i) minivalk.command("gc");
  double last = 0;
  for (int i = 0; i < 20; ++i) {
    const auto event = stream.next_of("gc");
    ASSERT_TRUE(event) << i;
    EXPECT_GT(event->data["seq"], last);
    last = event->data["seq"];
    EXPECT_TRUE(event->id.ends_with("-" + std::to_string(event->data["seq"].get<int>())));
  }
  EXPECT_LT(steady_clock::now() - begin, std::chrono::seconds(2));
}

TEST_F(Live, AReaderGoesOnWhereItWas) {
  test::Minivalk minivalk;
  const Exporter exporter = Exporter::of_pid(minivalk.pid());
  std::string last_id;
  {
    EventStream stream(exporter.port());
    ASSERT_TRUE(stream.next_of("hello"));
    minivalk.command("gc");
    const auto event = stream.next_of("gc");
    ASSERT_TRUE(event);
    last_id = event->id;
  }
  minivalk.command("gc");
  for (const auto& [query, field] :
       {std::pair<std::string, std::string>("?since=" + last_id, ""),
        std::pair<std::string, std::string>("?since=0-7", "Last-Event-ID: " + last_id + "\r\n")}) {
    EventStream stream(exporter.port(), query, field);
    const auto event = stream.next_of("gc");
    ASSERT_TRUE(event);
    EXPECT_EQ(event->data["cycle"], 2);
  }
  EventStream stranger(exporter.port(), "?since=00000000f-1");
  EXPECT_TRUE(stranger.next_of("reset"));
  EXPECT_TRUE(stranger.next_of("gc"));
}

TEST_F(Live, EndsWithGoodbyeWhenTheExporterStops) {
  test::Minivalk minivalk;
  Exporter exporter = Exporter::of_pid(minivalk.pid());
  EventStream stream(exporter.port());
  ASSERT_TRUE(stream.next_of("hello"));
  exporter.process().signal(SIGTERM);
  EXPECT_TRUE(stream.next_of("bye"));
  while (stream.next()) {
  }
  EXPECT_TRUE(exporter.process().wait(test::soon()));
}

TEST_F(Live, TellsThatATargetHasEnded) {
  auto minivalk = std::make_unique<test::Minivalk>();
  const Exporter exporter = Exporter::of_pid(minivalk->pid());
  EventStream stream(exporter.port(), "?since=0");
  const auto found = stream.next_of("target");
  ASSERT_TRUE(found);
  EXPECT_EQ(found->data["pid"], minivalk->pid());
  EXPECT_NE(found->data["what"], "ended");
  minivalk.reset();
  const auto ended = stream.next_of("target");
  ASSERT_TRUE(ended);
  EXPECT_EQ(ended->data["what"], "ended");
}

TEST_F(Live, HistoryFillsAPageAtOnce) {
  test::Minivalk minivalk;
  const Exporter exporter = Exporter::of_pid(minivalk.pid());
  test::run_load(minivalk.port(), 2, {"/"}, 100);
  Json history;
  ASSERT_TRUE(test::wait_until(test::soon(), [&] {
    const auto response = exporter.get("/debug/history?seconds=600");
    if (response.status != 200) return false;
    history = Json::parse(response.body);
    return history["unix_ms"].size() >= 3;
  }));
  const std::size_t seconds = history["unix_ms"].size();
  EXPECT_EQ(history["columns"]["up"].back(), 1);
  EXPECT_TRUE(history["columns"]["heap_used"].back().is_number());
  for (const auto& [name, column] : history["columns"].items()) {
    EXPECT_EQ(column.size(), seconds) << name;
  }
  ASSERT_FALSE(history["servers"].empty());
  const Json& server = history["servers"][0];
  EXPECT_EQ(server["columns"]["requests_2xx"].back(), 100);
  EXPECT_EQ(server["columns"]["latency_buckets"].back().size(),
            server["latency_bounds_s"].size() + 1);
  EXPECT_EQ(server["columns"]["latency_buckets"].back().back(), 100);
  EXPECT_EQ(history["systems"][0]["system"], "main");
  EXPECT_EQ(exporter.get("/debug/history?seconds=601").status, 400);
  EXPECT_EQ(exporter.get("/debug/history?process=nobody").status, 404);
}

TEST_F(Live, OtherSitesPagesAreRefused) {
  test::Minivalk minivalk;
  const Exporter exporter = Exporter::of_pid(minivalk.pid());
  for (const char* const path :
       {"/debug/metrics", "/debug/gc-events", "/debug/events", "/debug/history", "/debug/"}) {
    EXPECT_EQ(exporter.get(path, {{"Sec-Fetch-Site", "cross-site"}}).status, 403) << path;
  }
  EXPECT_EQ(exporter.get("/metrics", {{"Sec-Fetch-Site", "cross-site"}}).status, 200);
  RawClient rebound(exporter.port());
  rebound.send("GET /debug/metrics HTTP/1.0\r\nHost: evil.example\r\n\r\n");
  EXPECT_TRUE(rebound.receive_all().starts_with("HTTP/1.1 403 "));
}

// Whatever is not shown is counted.
TEST_F(Live, TenThousandCollectionsAtAThousandASecondAreShownOrCounted) {
  constexpr int kCollections = 10'000;
  constexpr std::chrono::microseconds kApart{1'000};
  test::Minivalk minivalk;
  const Exporter exporter = Exporter::of_pid(minivalk.pid());
  EventStream stream(exporter.port());
  ASSERT_TRUE(stream.next_of("hello"));
  std::jthread reader_of_replies([&] {
    const auto begin = steady_clock::now();
    for (int i = 0; i < kCollections; ++i) {
      std::this_thread::sleep_until(begin + i * kApart);  // the load itself, not a wait for it
      minivalk.command("gc");
    }
  });
  int shown = 0;
  int lost = 0;
  double last_seq = 0;
  double last_ms = 0;
  while (shown + lost < kCollections) {
    const auto event = stream.next(test::soon());
    ASSERT_TRUE(event) << shown << " shown, " << lost << " lost";
    if (event->name == "lost") lost += event->data["count"].get<int>();
    if (event->name != "gc") continue;
    ++shown;
    EXPECT_GT(event->data["seq"], last_seq);
    EXPECT_GE(event->data["unix_ms"], last_ms);
    last_seq = event->data["seq"];
    last_ms = event->data["unix_ms"];
  }
  EXPECT_EQ(shown + lost, kCollections);
  RecordProperty("lost", lost);
}

// Half of them never read.
TEST_F(Live, AllPlacesTakenHoldUpNoScrape) {
  test::Minivalk minivalk;
  const Exporter exporter = Exporter::of_pid(minivalk.pid());
  std::vector<EventStream> streams;
  for (int i = 0; i < 64; ++i) streams.emplace_back(exporter.port());
  for (EventStream& stream : streams) ASSERT_TRUE(stream.next_of("hello"));
  std::vector<RawClient> half_open;
  for (int i = 0; i < 50; ++i) half_open.emplace_back(exporter.port()).send("GET /met");
  EventStream another(exporter.port());
  EXPECT_TRUE(another.next_of("busy"));
  std::vector<double> times_ms;
  for (int i = 0; i < 100; ++i) {
    if (i % 10 == 0) minivalk.command("gc");
    const auto begin = steady_clock::now();
    EXPECT_EQ(exporter.get("/metrics").status, 200);
    times_ms.push_back(
        std::chrono::duration<double, std::milli>(steady_clock::now() - begin).count());
  }
  std::sort(times_ms.begin(), times_ms.end());
  RecordProperty("p99_ms", std::to_string(times_ms[98]));
  EXPECT_LT(times_ms[98], 1'000) << "median " << times_ms[50];
  streams.erase(streams.begin() + 32, streams.end());
  EXPECT_TRUE(test::wait_until(
      test::soon(), [&] { return EventStream(exporter.port()).next()->name == "hello"; }));
}

}  // namespace
}  // namespace e2e
