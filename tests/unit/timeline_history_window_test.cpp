// The seconds that are kept for charts.
#include "timeline/history_window.h"

#include <gtest/gtest.h>

#include <cmath>

#include "timeline/history_columns.h"

namespace {

using timeline::HistoryWindow;

constexpr std::uint64_t kSecondNs = 1'000'000'000;
constexpr std::uint64_t kBounds[] = {1'000, 2'000};

model::Snapshot snapshot_of(const std::string& process, std::uint64_t cycles) {
  model::Snapshot snapshot;
  model::TargetMetrics& target = snapshot.targets.emplace_back();
  target.process = process;
  target.up = true;
  target.gc.cycles = cycles;
  return snapshot;
}

const std::vector<double>& column(const model::History& history, std::string_view name) {
  for (const model::Column& column : history.columns) {
    if (column.name == name) return column.values;
  }
  throw std::runtime_error("no such column");
}

TEST(HistoryWindow, KeepsTheLastTenMinutesInOrder) {
  HistoryWindow window;
  for (std::uint64_t i = 0; i < 1'000; ++i) window.add(i * kSecondNs, snapshot_of("web", i));
  const auto history = window.read("web", 600);
  ASSERT_TRUE(history);
  EXPECT_EQ(history->times_ns.size(), 600u);
  EXPECT_EQ(history->times_ns.front(), 400 * kSecondNs);
  EXPECT_EQ(history->times_ns.back(), 999 * kSecondNs);
  EXPECT_EQ(column(*history, "gc_cycles").front(), 400);
  EXPECT_EQ(column(*history, "gc_cycles").back(), 999);
  EXPECT_EQ(window.read("web", 3)->times_ns.front(), 997 * kSecondNs);
}

TEST(HistoryWindow, WhatIsNotKnownIsNoNumber) {
  HistoryWindow window;
  window.add(kSecondNs, snapshot_of("web", 7));
  const auto history = window.read("web", 600);
  EXPECT_EQ(column(*history, "up")[0], 1);
  EXPECT_TRUE(std::isnan(column(*history, "heap_used")[0]));
  for (const model::Column& one : history->columns) EXPECT_EQ(one.values.size(), 1u) << one.name;
}

TEST(HistoryWindow, KeepsWhatHasGoneUntilItsLastSecondHas) {
  HistoryWindow window;
  model::Snapshot with = snapshot_of("web", 1);
  with.targets[0].servers.emplace_back().host = "h";
  with.targets[0].servers[0].bytes_sent = 5;
  window.add(0, with);
  const auto parts_after = [&](std::uint64_t seconds) {
    HistoryWindow other = {};
    other.add(0, with);
    for (std::uint64_t i = 1; i <= seconds; ++i) other.add(i * kSecondNs, snapshot_of("web", 1));
    return other.read("web", 600)->parts.size();
  };
  window.add(kSecondNs, snapshot_of("web", 1));
  const auto history = window.read("web", 600);
  ASSERT_EQ(history->parts.size(), 1u);
  EXPECT_EQ(history->parts[0].labels[0].second, "h");
  for (const model::Column& one : history->parts[0].columns) {
    ASSERT_EQ(one.values.size(), 2u);
    EXPECT_TRUE(std::isnan(one.values[1])) << one.name;
    if (one.name == "bytes_sent") {
      EXPECT_EQ(one.values[0], 5);
    }
  }
  EXPECT_EQ(parts_after(599), 1u);
  EXPECT_EQ(parts_after(600), 0u);
}

TEST(HistoryWindow, KeepsLatenciesCumulative) {
  HistoryWindow window;
  model::Snapshot snapshot = snapshot_of("web", 1);
  snapshot.targets[0].servers.emplace_back().request_duration_ns =
      model::Histogram{kBounds, {1, 2, 4}, 7'000'000'000};
  window.add(0, snapshot);
  snapshot.targets[0].servers[0].request_duration_ns.reset();
  window.add(kSecondNs, snapshot);
  const auto history = window.read("web", 600);
  const auto& latency = history->parts.at(0).latency;
  ASSERT_TRUE(latency);
  EXPECT_EQ(latency->counts[0][0], 1);
  EXPECT_EQ(latency->counts[1][0], 3);
  EXPECT_EQ(latency->counts[2][0], 7);
  EXPECT_EQ(latency->sum_seconds[0], 7);
  EXPECT_TRUE(std::isnan(latency->counts[2][1]));
}

TEST(HistoryWindow, LeavesOutServersPastTheLimitAndSaysHowMany) {
  HistoryWindow window;
  model::Snapshot snapshot = snapshot_of("web", 1);
  for (std::size_t i = 0; i < HistoryWindow::kMaxParts + 5; ++i) {
    snapshot.targets[0].servers.emplace_back().host = std::to_string(i);
  }
  window.add(0, snapshot);
  const auto history = window.read("web", 600);
  EXPECT_EQ(history->parts.size(), HistoryWindow::kMaxParts);
  EXPECT_EQ(history->left_out, 5u);
}

TEST(HistoryWindow, ForgetsWhoHasBeenGoneForTenMinutesAndTheOldestPastTheLimit) {
  HistoryWindow window;
  window.add(0, snapshot_of("old", 1));
  window.add(599 * kSecondNs, snapshot_of("web", 1));
  EXPECT_TRUE(window.read("old", 1));
  window.add(601 * kSecondNs, snapshot_of("web", 1));
  EXPECT_FALSE(window.read("old", 1));
  for (std::uint64_t i = 0; i < HistoryWindow::kMaxTargets; ++i) {
    window.add((602 + i) * kSecondNs, snapshot_of(std::to_string(i), 1));
  }
  EXPECT_FALSE(window.read("web", 1));
  EXPECT_TRUE(window.read("0", 1));
}

TEST(HistoryWindow, KeepsTheSameTargetsWhereThereAreMoreThanItHasRoomFor) {
  HistoryWindow window;
  model::Snapshot snapshot;
  for (std::size_t i = 0; i < HistoryWindow::kMaxTargets + 2; ++i) {
    snapshot.targets.push_back(snapshot_of(std::to_string(i), 1).targets[0]);
  }
  for (std::uint64_t second = 1; second <= 3; ++second) window.add(second * kSecondNs, snapshot);
  const auto first = window.read("0", 600);
  ASSERT_TRUE(first);
  EXPECT_EQ(first->times_ns.size(), 3u);
  const std::string last = std::to_string(HistoryWindow::kMaxTargets);
  EXPECT_FALSE(window.read(last, 600));
  // One ends: the next one has its place.
  snapshot.targets[0].has_ended = true;
  window.add(4 * kSecondNs, snapshot);
  EXPECT_TRUE(window.read(last, 600));
  EXPECT_FALSE(window.read("0", 600));
}

TEST(HistoryWindow, GivesTheFirstTargetWhereNoneIsNamed) {
  HistoryWindow window;
  EXPECT_FALSE(window.read(std::nullopt, 1));
  model::Snapshot snapshot = snapshot_of("z", 1);
  snapshot.targets.push_back(snapshot_of("a", 2).targets[0]);
  window.add(0, snapshot);
  EXPECT_EQ(window.read(std::nullopt, 1)->process, "z");
}

}  // namespace
