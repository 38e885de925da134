// Events that stand between one second and the next.
#include "timeline/change_finder.h"

#include <gtest/gtest.h>

#include <variant>

namespace {

using model::TargetEvent;
using What = model::TargetEvent::What;

constexpr std::uint64_t kSecondNs = 1'000'000'000;

class ChangeFinder : public testing::Test {
 protected:
  model::TargetMetrics& add(const std::string& name, int pid) {
    model::TargetMetrics& target = snapshot_.targets.emplace_back();
    target.process = name;
    target.id.pid = pid;
    target.process_metrics.age_ns = 100 * kSecondNs;
    return target;
  }
  // The events that looking at the snapshot made.
  std::vector<model::TimelineEvent> see() {
    now_ns_ += kSecondNs;
    finder_.see(now_ns_, snapshot_);
    auto part = window_.read(next_, 100, std::nullopt);
    next_ = part.next;
    return part.events;
  }

  model::Snapshot snapshot_;

 private:
  timeline::EventWindow window_{"e"};
  timeline::ChangeFinder finder_{window_};
  std::uint64_t now_ns_ = 0;
  std::uint64_t next_ = 0;
};

std::vector<std::pair<What, int>> targets_in(const std::vector<model::TimelineEvent>& events) {
  std::vector<std::pair<What, int>> found;
  for (const auto& event : events) {
    if (const auto* target = std::get_if<TargetEvent>(&event.detail)) {
      found.emplace_back(target->what, target->pid);
    }
  }
  return found;
}

using Found = std::vector<std::pair<What, int>>;

TEST_F(ChangeFinder, TellsWhoWasFoundAndWhoStarted) {
  add("old", 7);
  add("new", 8).process_metrics.age_ns = kSecondNs / 2;
  EXPECT_EQ(targets_in(see()), (Found{{What::kFound, 7}, {What::kStarted, 8}}));
  EXPECT_TRUE(see().empty());
}

TEST_F(ChangeFinder, TellsAnEndOnceHoweverItIsSeen) {
  add("a", 1);
  add("b", 2);
  see();
  snapshot_.targets[0].has_ended = true;
  snapshot_.targets.pop_back();
  EXPECT_EQ(targets_in(see()), (Found{{What::kEnded, 1}, {What::kEnded, 2}}));
  EXPECT_TRUE(see().empty());
  snapshot_.targets.clear();
  EXPECT_TRUE(see().empty());
}

TEST_F(ChangeFinder, ARestartIsAnEndAndAStart) {
  add("a", 1);
  see();
  snapshot_.targets[0].id.pid = 9;
  snapshot_.targets[0].process_metrics.age_ns = 1;
  EXPECT_EQ(targets_in(see()), (Found{{What::kEnded, 1}, {What::kStarted, 9}}));
}

TEST_F(ChangeFinder, WhoHadEndedBeforeWeLookedIsNoNews) {
  add("a", 1).has_ended = true;
  EXPECT_TRUE(see().empty());
}

TEST_F(ChangeFinder, TellsCrowdsOfConnectionsButNotWhatWasThereBefore) {
  model::SystemMetrics& system = add("a", 1).systems.emplace_back();
  system.name = "main";
  system.transitions = {{model::ConnectionState::kNone, model::ConnectionState::kConnecting, 5'000},
                        {model::ConnectionState::kIdle, model::ConnectionState::kClosed, 10}};
  EXPECT_EQ(see().size(), 1u) << "that it was found";
  snapshot_.targets[0].systems[0].transitions[0].count += 99;
  EXPECT_TRUE(see().empty());
  snapshot_.targets[0].systems[0].transitions[0].count += 100;
  snapshot_.targets[0].systems[0].transitions[1].count += 3;
  const auto events = see();
  ASSERT_EQ(events.size(), 1u);
  const auto& crowd = std::get<model::ConnectionsEvent>(events[0].detail);
  EXPECT_EQ(crowd.system, "main");
  EXPECT_EQ(crowd.opened, 100u);
  EXPECT_EQ(crowd.closed, 3u);
  EXPECT_EQ(events[0].ended_ns - events[0].begun_ns, kSecondNs);
}

TEST_F(ChangeFinder, TellsWhatAServerShed) {
  model::ServerMetrics& server = add("a", 1).servers.emplace_back();
  server.host = "h";
  server.port = "80";
  server.overload_responses = 5;
  see();
  snapshot_.targets[0].servers[0].overload_responses = 8;
  const auto events = see();
  ASSERT_EQ(events.size(), 1u);
  EXPECT_EQ(std::get<model::OverloadEvent>(events[0].detail).count, 3u);
  snapshot_.targets[0].servers[0].overload_responses.reset();
  EXPECT_TRUE(see().empty());
}

}  // namespace
