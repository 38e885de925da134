// What becomes of single events, right and wrong ones.
#include "timeline/recorder.h"

#include <gtest/gtest.h>

namespace {

using model::GcEvent;
using model::ProbeEvent;

class Recorded : public testing::Test {
 protected:
  std::vector<model::TimelineEvent> events() const {
    return window_.read(0, 1'000'000, std::nullopt).events;
  }
  GcEvent gc(std::size_t index) const { return std::get<GcEvent>(events().at(index).detail); }

  timeline::EventWindow window_{"e"};
  timeline::Recorder recorder_{window_};
};

ProbeEvent arrival(std::uint64_t cycle, std::uint32_t thread, std::uint64_t time_ns) {
  ProbeEvent event;
  event.kind = ProbeEvent::Kind::kArrival;
  event.subject = 7;
  event.cycle = cycle;
  event.thread = thread;
  event.time_ns = time_ns;
  return event;
}

ProbeEvent collection(std::uint64_t cycle, std::uint64_t requested_ns, std::uint64_t begun_ns,
                      std::uint64_t ended_ns) {
  ProbeEvent event;
  event.kind = ProbeEvent::Kind::kCollection;
  event.subject = 7;
  event.cycle = cycle;
  event.requested_ns = requested_ns;
  event.begun_ns = begun_ns;
  event.time_ns = ended_ns;
  event.reason = 2;
  event.world_stopped = true;
  return event;
}

TEST_F(Recorded, ACollectionHasItsTimesAndWhoArrivedForIt) {
  recorder_.add("a", arrival(1, 11, 120));
  recorder_.add("a", arrival(1, 12, 150));
  recorder_.add("a", arrival(2, 13, 155));
  recorder_.add("b", arrival(1, 14, 156));
  recorder_.add("a", collection(1, 100, 160, 1'160));
  ASSERT_EQ(events().size(), 1u);
  EXPECT_EQ(events()[0].begun_ns, 100u);
  EXPECT_EQ(events()[0].ended_ns, 1'160u);
  const GcEvent event = gc(0);
  EXPECT_EQ(event.safepoint_ns(), 60u);
  EXPECT_EQ(event.pause_ns(), 1'000u);
  EXPECT_EQ(event.reason, model::GcReason::kExplicit);
  ASSERT_EQ(event.arrivals.size(), 2u);
  EXPECT_EQ(event.arrivals[1].thread, 12u);
}

TEST_F(Recorded, WhatIsNotToldIsNotKnown) {
  ProbeEvent event = collection(1, 0, 0, 500);
  event.requested_ns.reset();
  event.begun_ns.reset();
  event.world_stopped.reset();
  event.reason = 99;
  recorder_.add("a", event);
  EXPECT_EQ(gc(0).pause_ns(), std::nullopt);
  EXPECT_EQ(gc(0).safepoint_ns(), std::nullopt);
  EXPECT_EQ(gc(0).reason, model::GcReason::kUnknown);
  EXPECT_EQ(events()[0].begun_ns, 500u);
}

TEST_F(Recorded, StampsThatCanNotBeAreNotKnown) {
  recorder_.add("a", collection(1, 100, 900, 500));
  EXPECT_EQ(gc(0).pause_ns(), std::nullopt);
  EXPECT_EQ(gc(0).safepoint_ns(), std::nullopt);
  recorder_.add("a", collection(2, 450, 400, 500));
  EXPECT_EQ(gc(1).pause_ns(), 100u);
  EXPECT_EQ(gc(1).safepoint_ns(), std::nullopt);
}

TEST_F(Recorded, AStallBeginsBeforeItIsTold) {
  ProbeEvent event;
  event.kind = ProbeEvent::Kind::kStall;
  event.time_ns = 5'000;
  event.busy_ns = 2'000;
  event.system = "main";
  recorder_.add("a", event);
  event.busy_ns = 9'000;  // longer than there was time
  recorder_.add("a", event);
  EXPECT_EQ(events()[0].begun_ns, 3'000u);
  EXPECT_EQ(events()[1].begun_ns, 0u);
}

TEST_F(Recorded, ArrivalsForCollectionsThatNeverEndAreForgotten) {
  for (std::uint64_t cycle = 0; cycle < 10'000; ++cycle) recorder_.add("a", arrival(cycle, 1, 5));
  recorder_.add("a", collection(1, 1, 6, 7));
  EXPECT_TRUE(gc(0).arrivals.empty());
  recorder_.add("a", collection(9'999, 1, 6, 7));
  EXPECT_EQ(gc(1).arrivals.size(), 1u);
}

TEST_F(Recorded, AHoleIsAnEventToo) {
  recorder_.add_hole("a", 12, 100, 200);
  const auto hole = std::get<model::LostEvent>(events().at(0).detail);
  EXPECT_EQ(hole.count, 12u);
  EXPECT_EQ(hole.cause, "events_full");
}

}  // namespace
