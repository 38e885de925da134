#include "expose/timeline_json.h"

#include <gtest/gtest.h>

#include "base/clock.h"

namespace {

using json = nlohmann::json;

model::TimelineEvent collection() {
  model::GcEvent gc;
  gc.heap = 7;
  gc.cycle = 3;
  gc.reason = model::GcReason::kThreshold;
  gc.world_stopped = true;
  gc.requested_ns = 1'000'000'000;
  gc.begun_ns = 1'000'500'000;
  gc.ended_ns = 1'002'500'000;
  gc.used_before_bytes = 100;
  gc.used_after_bytes = 40;
  gc.reclaimed_bytes = 60;
  gc.arrivals = {{11, 1'000'100'000}, {12, 1'000'400'000}};
  return {5, "web", 1'000'000'000, 1'002'500'000, gc};
}

TEST(EventJson, TellsACollectionInMilliseconds) {
  const json event = json::parse(expose::event_json(collection()).dump());
  EXPECT_EQ(event["seq"], 5);
  EXPECT_EQ(event["process"], "web");
  EXPECT_EQ(event["kind"], "gc");
  EXPECT_EQ(event["pause_ms"], 2.0);
  EXPECT_EQ(event["safepoint_ms"], 0.5);
  EXPECT_EQ(event["reason"], "threshold");
  EXPECT_EQ(event["used_before"], 100);
  EXPECT_TRUE(event["total"].is_null());
  EXPECT_TRUE(event["requests_hit"].is_null());
  EXPECT_EQ(event["last_thread"], 12);
  EXPECT_EQ(event["arrivals"][0], json::parse(R"({"tid": 11, "after_ms": 0.1})"));
  const double expected = static_cast<double>(base::unix_ns_of(1'000'000'000)) / 1e6;
  EXPECT_NEAR(event["unix_ms"].get<double>(), expected, 0.01);
  EXPECT_NEAR(event["until_unix_ms"].get<double>() - event["unix_ms"].get<double>(), 2.5, 0.002);
}

TEST(EventJson, TakesAnyBytesForNames) {
  const json event = json::parse(
      expose::event_json({1, "\xff", 1, 2, model::StallEvent{"<b>\xc3", 1'500'000}}).dump());
  EXPECT_EQ(event["process"], "\xEF\xBF\xBD");
  EXPECT_EQ(event["system"], "<b>\xEF\xBF\xBD");
  EXPECT_EQ(event["busy_ms"], 1.5);
}

TEST(WriteEventsJson, SaysFromWhereToWhereAndWhatIsMissing) {
  const json document =
      json::parse(expose::write_events_json({"01ab", 2, 6, 12, {collection()}}, true));
  EXPECT_EQ(document["epoch"], "01ab");
  EXPECT_EQ(document["first"], 2);
  EXPECT_EQ(document["next"], 6);
  EXPECT_EQ(document["lost"], 12);
  EXPECT_EQ(document["reset"], true);
  EXPECT_EQ(document["events"].size(), 1u);
}

}  // namespace
