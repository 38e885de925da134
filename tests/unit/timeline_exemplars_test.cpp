// Which events stand as examples behind the buckets.
#include "timeline/exemplars.h"

#include <gtest/gtest.h>

#include "base/clock.h"

namespace {

constexpr std::uint64_t kBounds[] = {1'000'000};

void add_collection(timeline::EventWindow& window, std::uint64_t cycle, std::uint64_t pause_ns) {
  model::GcEvent gc;
  gc.heap = 7;
  gc.cycle = cycle;
  gc.begun_ns = cycle * 1'000'000'000;
  gc.ended_ns = *gc.begun_ns + pause_ns;
  window.add({0, "web", *gc.begun_ns, gc.ended_ns, gc});
}

TEST(AddExemplars, NamesThePauseOfARequestAndEachPause) {
  timeline::EventWindow window("01ab");
  add_collection(window, 3, 500'000);
  add_collection(window, 4, 2'000'000);
  model::Snapshot snapshot;
  model::TargetMetrics& target = snapshot.targets.emplace_back();
  target.process = "web";
  target.gc.pause_ns = model::Histogram{kBounds, {1, 1}, 0};
  target.gc.time_to_safepoint_ns = model::Histogram{kBounds, {1, 1}, 0};
  for (const std::uint64_t cycle : {4, 99}) {
    model::ServerMetrics& server = target.servers.emplace_back();
    server.request_duration_ns = model::Histogram{kBounds, {1, 1}, 0};
    server.paused_request = model::PausedRequest{3'000'000, 5'000'000'000, 7, cycle};
  }
  target.servers.emplace_back();
  timeline::add_exemplars(snapshot, window);
  const auto& pauses = target.gc.pause_ns->exemplars;
  ASSERT_EQ(pauses.size(), 2u);
  EXPECT_EQ(pauses[1].event, "01ab-2");
  EXPECT_EQ(pauses[1].value_ns, 2'000'000u);
  EXPECT_EQ(pauses[1].unix_ns, base::unix_ns_of(4'002'000'000));
  EXPECT_TRUE(target.gc.time_to_safepoint_ns->exemplars.empty()) << "no wait is known";
  ASSERT_EQ(target.servers[0].request_duration_ns->exemplars.size(), 1u);
  EXPECT_EQ(target.servers[0].request_duration_ns->exemplars[0].event, "01ab-2");
  EXPECT_EQ(target.servers[0].request_duration_ns->exemplars[0].value_ns, 3'000'000u);
  EXPECT_TRUE(target.servers[1].request_duration_ns->exemplars.empty()) << "forgotten long ago";
}

}  // namespace
