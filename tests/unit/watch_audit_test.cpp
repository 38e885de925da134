// Whether probes told of everything, from two counts that are never read at one instant.
#include "watch/audit.h"

#include <gtest/gtest.h>

#include <limits>
#include <random>

namespace {

using model::EventCounts;
using watch::Shortfall;

void compare(Shortfall& shortfall, int times, std::uint64_t runtime, std::uint64_t probe) {
  for (int i = 0; i < times; ++i) shortfall.compare(runtime, probe);
}

TEST(Shortfall, IsNoneBeforeFiveComparisons) {
  Shortfall shortfall(100, 0);
  compare(shortfall, 4, 110, 3);
  EXPECT_EQ(shortfall.missed(), 0u);
  compare(shortfall, 1, 110, 3);
  EXPECT_EQ(shortfall.missed(), 7u);
}

TEST(Shortfall, CountsFromTheBeginningAndNotFromZero) {
  Shortfall shortfall(1'000'000, 12);
  compare(shortfall, 10, 1'000'500, 512);
  EXPECT_EQ(shortfall.missed(), 0u);
  compare(shortfall, 10, 1'000'501, 512);
  EXPECT_EQ(shortfall.missed(), 1u);
}

TEST(Shortfall, IsTheSmallestOfFiveSoThatWhatIsOnItsWayIsNoMiss) {
  Shortfall shortfall(0, 0);
  for (int round = 1; round <= 100; ++round) {
    const auto count = static_cast<std::uint64_t>(10 * round);
    shortfall.compare(count, round % 5 == 0 ? count : count - 3);
    EXPECT_EQ(shortfall.missed(), 0u) << round;
  }
}

TEST(Shortfall, SeesAMissFiveComparisonsLater) {
  Shortfall shortfall(0, 0);
  compare(shortfall, 20, 100, 100);
  for (int i = 0; i < 4; ++i) {
    shortfall.compare(110, 108);
    EXPECT_EQ(shortfall.missed(), 0u);
  }
  shortfall.compare(110, 108);
  EXPECT_EQ(shortfall.missed(), 2u);
}

TEST(Shortfall, NeverFalls) {
  Shortfall shortfall(0, 0);
  compare(shortfall, 5, 10, 4);
  EXPECT_EQ(shortfall.missed(), 6u);
  compare(shortfall, 20, 20, 20);
  EXPECT_EQ(shortfall.missed(), 6u);
  compare(shortfall, 5, 30, 23);
  EXPECT_EQ(shortfall.missed(), 7u);
}

TEST(Shortfall, IsNoneWhereTheProbeIsAhead) {
  Shortfall shortfall(50, 50);
  compare(shortfall, 10, 60, 65);
  EXPECT_EQ(shortfall.missed(), 0u);
  // One comparison ahead among five is enough.
  compare(shortfall, 4, 70, 68);
  EXPECT_EQ(shortfall.missed(), 0u);
  compare(shortfall, 1, 70, 68);
  EXPECT_EQ(shortfall.missed(), 2u);
}

TEST(Shortfall, SurvivesCountsThatWrapAround) {
  constexpr std::uint64_t kMax = std::numeric_limits<std::uint64_t>::max();
  Shortfall shortfall(kMax - 5, 7);
  compare(shortfall, 5, 4, 17);  // both ten further
  EXPECT_EQ(shortfall.missed(), 0u);
  compare(shortfall, 5, 14, 24);
  EXPECT_EQ(shortfall.missed(), 3u);
  Shortfall ahead(0, kMax);  // the probe has counted since earlier
  compare(ahead, 5, 10, 9);
  EXPECT_EQ(ahead.missed(), 0u);
  compare(ahead, 5, 10, 8);
  EXPECT_EQ(ahead.missed(), 1u);
}

// A runtime that counts, a probe that fires a moment before or after, and readings in between:
// at the beginning the probe's count first, later the runtime's.
TEST(Shortfall, IsWhatWasReallyMissedWhateverTheInterleaving) {
  std::mt19937 random(1);
  for (int round = 0; round < 1'000; ++round) {
    std::uint64_t runtime = random() % 1000;
    std::uint64_t probe = random() % 1000;
    std::uint64_t really_missed = 0;
    const auto go_on = [&] {
      const std::uint64_t events = random() % 50;
      runtime += events;
      probe += events;
    };
    const std::uint64_t probe_at_begin = probe;
    go_on();  // between the two readings: left out
    Shortfall shortfall(runtime, probe_at_begin);
    std::uint64_t before = 0;
    for (int tick = 0; tick < 30; ++tick) {
      go_on();
      if (random() % 10 == 0) {
        runtime += 1;
        really_missed += 1;
      }
      // An event that the runtime has counted and whose probe has yet to fire.
      const std::uint64_t on_its_way = random() % 2;
      const std::uint64_t runtime_read = runtime + on_its_way;
      runtime += on_its_way;
      probe += on_its_way;
      const std::uint64_t between = random() % 5;
      runtime += between;
      probe += between;
      shortfall.compare(runtime_read, probe);
      EXPECT_LE(shortfall.missed(), really_missed);
      EXPECT_GE(shortfall.missed(), before);
      before = shortfall.missed();
    }
    // The events of the beginning only hide misses.
    compare(shortfall, 5, runtime, probe);
    EXPECT_LE(shortfall.missed(), really_missed);
  }
}

TEST(Audit, BeginsEachEventWhenBothSidesKnowIt) {
  watch::Audit audit;
  const EventCounts probes{.gc_cycles = 0, .requests = std::nullopt, .connections = 3};
  audit.compare(probes, {.gc_cycles = 5, .requests = 100, .connections = std::nullopt}, probes);
  EXPECT_EQ(audit.missed().gc_cycles, 0u);
  EXPECT_EQ(audit.missed().requests, std::nullopt);
  EXPECT_EQ(audit.missed().connections, std::nullopt);
  EXPECT_TRUE(audit.waits_to_begin());
  // Connections come late: what was before they are known is not compared.
  for (int i = 0; i < 6; ++i) {
    const EventCounts later{.gc_cycles = 3, .requests = std::nullopt, .connections = 3};
    audit.compare(later, {.gc_cycles = 9, .requests = 200, .connections = 10}, later);
  }
  EXPECT_EQ(audit.missed().gc_cycles, 1u);
  EXPECT_EQ(audit.missed().requests, std::nullopt);
  EXPECT_EQ(audit.missed().connections, 0u);
}

TEST(Audit, HasAllItNeedsOnceAllHaveBegun) {
  watch::Audit audit;
  const EventCounts zero{.gc_cycles = 0, .requests = 0, .connections = 0};
  audit.compare(zero, zero, zero);
  EXPECT_FALSE(audit.waits_to_begin());
}

TEST(Audit, KeepsItsAnswerWhileASideIsUnknown) {
  watch::Audit audit;
  const EventCounts zero{.gc_cycles = 0, .requests = 0, .connections = 0};
  const EventCounts ten{.gc_cycles = 10, .requests = 10, .connections = 10};
  audit.compare(zero, zero, zero);
  EXPECT_EQ(audit.missed().gc_cycles, 0u);
  for (int i = 0; i < 5; ++i) audit.compare({}, ten, zero);
  for (int i = 0; i < 5; ++i) {
    audit.compare({}, {}, ten);
    audit.compare({}, ten, {});
  }
  EXPECT_EQ(audit.missed().gc_cycles, 10u);
  EXPECT_EQ(audit.missed().requests, 10u);
  EXPECT_EQ(audit.missed().connections, 10u);
}

TEST(Audit, BlamesNobodyForWhatHappensWhileAProbeIsOut) {
  watch::Audit audit;
  const auto counts = [](std::uint64_t requests) {
    return EventCounts{.gc_cycles = 0, .requests = requests, .connections = 0};
  };
  EventCounts without = counts(0);
  without.requests = std::nullopt;
  audit.compare(counts(0), counts(0), counts(0));
  for (int i = 0; i < 5; ++i) audit.compare(counts(10), counts(12), counts(10));
  EXPECT_EQ(audit.missed().requests, 2u);
  EXPECT_FALSE(audit.waits_to_begin());
  for (int i = 0; i < 5; ++i) audit.compare(without, counts(1'000), without);
  EXPECT_TRUE(audit.waits_to_begin());
  audit.compare(counts(10), counts(1'000), counts(10));
  EXPECT_FALSE(audit.waits_to_begin());
  for (int i = 0; i < 9; ++i) audit.compare(counts(20), counts(1'010), counts(20));
  EXPECT_EQ(audit.missed().requests, 2u);
  for (int i = 0; i < 9; ++i) audit.compare(counts(20), counts(1'020), counts(20));
  EXPECT_EQ(audit.missed().requests, 12u) << "misses after it came back";
}

// Hits of a slot are never forgotten, so the first count of a probe is whatever it is.
TEST(Audit, SeesThatAProbeIsSilentFromWhereItBegan) {
  watch::Audit audit;
  const auto counts = [](std::uint64_t requests) {
    return EventCounts{.gc_cycles = 0, .requests = requests, .connections = 0};
  };
  audit.compare(counts(500), counts(3), counts(500));
  for (int i = 0; i < 5; ++i) audit.compare(counts(500), counts(3), counts(500));
  EXPECT_FALSE(audit.is_silent(&EventCounts::requests)) << "nothing to tell";
  for (int i = 0; i < 5; ++i) audit.compare(counts(500), counts(203), counts(500));
  EXPECT_TRUE(audit.is_silent(&EventCounts::requests));
  EventCounts without = counts(0);
  without.requests = std::nullopt;
  audit.compare(without, counts(300), without);
  audit.compare(counts(500), counts(300), counts(500));
  EXPECT_FALSE(audit.is_silent(&EventCounts::requests)) << "it is back, and not judged yet";
  for (int i = 0; i < 5; ++i) audit.compare(counts(500), counts(400), counts(500));
  EXPECT_TRUE(audit.is_silent(&EventCounts::requests));
}

TEST(AddEventCounts, IsAbsentUntilSomethingIsAdded) {
  EventCounts sum;
  watch::add(sum, {.gc_cycles = std::nullopt, .requests = 0, .connections = std::nullopt});
  EXPECT_EQ(sum.gc_cycles, std::nullopt);
  EXPECT_EQ(sum.requests, 0u);
  watch::add(sum, {.gc_cycles = 2, .requests = 3, .connections = std::nullopt});
  watch::add(sum, {.gc_cycles = 5, .requests = std::nullopt, .connections = std::nullopt});
  EXPECT_EQ(sum.gc_cycles, 7u);
  EXPECT_EQ(sum.requests, 3u);
  EXPECT_EQ(sum.connections, std::nullopt);
}

}  // namespace
