// The timeline as text: JSON, and server-sent events.
#include "expose/timeline_json.h"

#include <gtest/gtest.h>

#include <map>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>

#include "base/clock.h"
#include "expose/event_json.h"
#include "expose/event_stream.h"

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
  gc.arrivals = {{11, "main", 1'000'100'000}, {12, "", 1'000'400'000}};
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
  EXPECT_EQ(event["last_thread"], json::parse(R"({"tid": 12, "name": null})"));
  EXPECT_EQ(event["arrivals"][0], json::parse(R"({"tid": 11, "name": "main", "after_ms": 0.1})"));
  const double begun = static_cast<double>(base::unix_ns_of(1'000'500'000)) / 1e6;
  EXPECT_NEAR(event["unix_ms"].get<double>(), begun, 0.01);
  EXPECT_NEAR(event["requested_unix_ms"].get<double>(), begun - 0.5, 0.01);
  EXPECT_NEAR(event["until_unix_ms"].get<double>() - event["unix_ms"].get<double>(), 2.0, 0.002);
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

// What an EventSource makes of a text: the fields of its only event.
std::map<std::string, std::string> parse_event(const std::string& text) {
  EXPECT_TRUE(text.ends_with("\n\n"));
  EXPECT_EQ(text.find("\n\n"), text.size() - 2) << "an event ends at the first empty line";
  std::map<std::string, std::string> fields;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line) && !line.empty();) {
    const std::size_t colon = line.find(": ");
    fields[line.substr(0, colon)] = line.substr(colon + 2);
  }
  return fields;
}

TEST(EventStream, NamesAnEventByItsKindAndItsPlace) {
  auto fields = parse_event(expose::write_timeline_event(collection(), "01ab"));
  EXPECT_EQ(fields["event"], "gc");
  EXPECT_EQ(fields["id"], "01ab-5");
  EXPECT_EQ(json::parse(fields["data"])["cycle"], 3);
}

TEST(EventStream, KeepsHostileNamesInTheirLine) {
  const model::TimelineEvent event{1, "a\nid: 7\n\n", 1, 2, model::StallEvent{"x\r\ny", 1}};
  auto fields = parse_event(expose::write_timeline_event(event, "01ab"));
  EXPECT_EQ(fields["id"], "01ab-1");
  EXPECT_EQ(json::parse(fields["data"])["process"], "a\nid: 7\n\n");
}

TEST(EventStream, SnapshotHasNoIdAndOnlyWhoIsWanted) {
  model::Snapshot snapshot;
  for (const char* const name : {"a", "b"}) snapshot.targets.emplace_back().process = name;
  auto fields = parse_event(expose::write_snapshot_event(snapshot, nullptr));
  EXPECT_EQ(fields["event"], "snapshot");
  EXPECT_FALSE(fields.contains("id"));
  EXPECT_EQ(json::parse(fields["data"])["targets"].size(), 2u);
  const std::string wanted = "b";
  fields = parse_event(expose::write_snapshot_event(snapshot, &wanted));
  const json one = json::parse(fields["data"])["targets"];
  ASSERT_EQ(one.size(), 1u);
  EXPECT_EQ(one[0]["process"]["name"], "b");
}

TEST(EventStream, HelloTellsWhoIsWatched) {
  model::Snapshot snapshot;
  snapshot.exporter.version = "1.2.3";
  snapshot.targets.emplace_back().process = "web";
  auto fields = parse_event(expose::write_hello(snapshot, "01ab", 9));
  EXPECT_EQ(fields["event"], "hello");
  const json hello = json::parse(fields["data"]);
  EXPECT_EQ(hello["epoch"], "01ab");
  EXPECT_EQ(hello["next"], 9);
  EXPECT_EQ(hello["version"], "1.2.3");
  EXPECT_EQ(hello["targets"][0]["process"], "web");
}

}  // namespace
