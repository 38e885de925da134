// What the budget decides, second by second.
#include "watch/budget.h"

#include <gtest/gtest.h>

#include <functional>

namespace {

using namespace std::chrono_literals;
using probe::Group;
using watch::Budget;

constexpr std::uint64_t kHitCostNs = 2'000;
constexpr std::uint64_t kSecondNs = 1'000'000'000;

// A process whose groups are hit at given rates, seen once a second.
class Process {
 public:
  explicit Process(double max_share) : budget_(max_share, kHitCostNs) {
    add(Group::kGc, false);
    add(Group::kHttp, true);
    add(Group::kEval, false);
  }

  // Hits a second; 5,000 of them cost 1 % of a CPU.
  void set_rate(Group group, std::uint64_t rate) { of(group).rate = rate; }
  void set_cpus(double cpus) { cpu_ns_a_second_ = static_cast<std::uint64_t>(cpus * kSecondNs); }
  // In one of so many seconds; 1: always.
  void hide_events_each(int seconds) { hidden_each_ = seconds; }
  bool is_attached(Group group) { return of(group).use.is_attached; }
  std::optional<double> overhead_ratio() const { return budget_.overhead_ratio(); }

  void second() {
    ++seconds_;
    observation_.now += 1s;
    observation_.cpu_ns += cpu_ns_a_second_;
    observation_.groups.clear();
    for (Member& member : members_) {
      member.events += member.rate;
      if (member.use.is_attached) member.use.hits += member.rate;
      if (member.is_counted) member.use.events = member.events;
      if (hidden_each_ != 0 && seconds_ % hidden_each_ == 0) member.use.events.reset();
      observation_.groups.push_back(member.use);
    }
    const Budget::Decision decision = budget_.observe(observation_);
    if (decision.detach) of(*decision.detach).use.is_attached = false;
    if (decision.attach) of(*decision.attach).use.is_attached = true;
    last_share_ = decision.share;
  }

  // How many seconds it takes until this is so, at most `limit`.
  int seconds_until(const std::function<bool()>& is_so, int limit) {
    for (int i = 1; i <= limit; ++i) {
      second();
      if (is_so()) return i;
    }
    return -1;
  }

  double last_share() const { return last_share_; }

 private:
  struct Member {
    Budget::GroupUse use;
    bool is_counted;
    std::uint64_t rate = 0;
    std::uint64_t events = 0;
  };

  void add(Group group, bool is_counted) {
    members_.push_back({{group, true, 0, std::nullopt}, is_counted});
  }
  Member& of(Group group) {
    return *std::find_if(members_.begin(), members_.end(),
                         [&](const Member& member) { return member.use.group == group; });
  }

  Budget budget_;
  std::vector<Member> members_;
  Budget::Observation observation_{{}, 0, {}};
  std::uint64_t cpu_ns_a_second_ = kSecondNs / 2;
  int hidden_each_ = 0;
  int seconds_ = 0;
  double last_share_ = 0;
};

TEST(Budget, LeavesWhatIsCheapAlone) {
  Process process(0.01);
  process.set_rate(Group::kHttp, 4'900);
  process.set_rate(Group::kGc, 10);
  EXPECT_EQ(process.seconds_until([&] { return !process.is_attached(Group::kHttp); }, 600), -1);
  EXPECT_NEAR(process.last_share(), 0.00982, 1e-9);
  // Of the CPU time that it used, half a CPU, it is twice as much.
  EXPECT_NEAR(*process.overhead_ratio(), 0.01964, 1e-9);
}

TEST(Budget, TakesTheMostExpensiveGroupOutAfterTenSeconds) {
  Process process(0.01);
  process.set_rate(Group::kHttp, 25'000);
  process.set_rate(Group::kEval, 100);
  EXPECT_EQ(process.seconds_until([&] { return !process.is_attached(Group::kHttp); }, 60), 11);
  EXPECT_NEAR(process.last_share(), 0.0502, 1e-9);
  EXPECT_TRUE(process.is_attached(Group::kEval));
  EXPECT_EQ(process.seconds_until([&] { return !process.is_attached(Group::kEval); }, 600), -1);
}

TEST(Budget, GoesOnUntilTheRestFitsIn) {
  Process process(0.01);
  process.set_rate(Group::kHttp, 25'000);
  process.set_rate(Group::kEval, 20'000);
  EXPECT_EQ(process.seconds_until([&] { return !process.is_attached(Group::kHttp); }, 60), 11);
  EXPECT_EQ(process.seconds_until([&] { return !process.is_attached(Group::kEval); }, 60), 10);
}

TEST(Budget, NeverTakesALightGroupOut) {
  Process process(0.01);
  process.set_rate(Group::kGc, 100'000);
  process.set_rate(Group::kHttp, 1);
  process.seconds_until([&] { return !process.is_attached(Group::kGc); }, 100);
  EXPECT_TRUE(process.is_attached(Group::kGc));
}

TEST(Budget, LeavesInWhatWouldNotHelp) {
  Process process(0.01);
  process.set_rate(Group::kGc, 100'000);
  process.set_rate(Group::kHttp, 400);
  EXPECT_EQ(process.seconds_until([&] { return !process.is_attached(Group::kHttp); }, 100), -1);
  process.set_rate(Group::kHttp, 600);
  EXPECT_GT(process.seconds_until([&] { return !process.is_attached(Group::kHttp); }, 100), 0);
}

TEST(Budget, TellsNoMoreThanAllOfTheTime) {
  Process process(1);
  process.set_cpus(0.01);
  process.set_rate(Group::kHttp, 100'000);
  for (int i = 0; i < 5; ++i) process.second();
  EXPECT_EQ(process.overhead_ratio(), 1.0);
}

TEST(Budget, LetsAShortBurstPass) {
  Process process(0.01);
  process.set_rate(Group::kHttp, 25'000);
  process.second();
  process.set_rate(Group::kHttp, 100);
  EXPECT_EQ(process.seconds_until([&] { return !process.is_attached(Group::kHttp); }, 60), -1);
}

TEST(Budget, HoldsTheCostAgainstAllCpusThatAreUsed) {
  Process process(0.01);
  process.set_cpus(8);
  process.set_rate(Group::kHttp, 25'000);
  EXPECT_EQ(process.seconds_until([&] { return !process.is_attached(Group::kHttp); }, 60), -1);
}

TEST(Budget, LetsAGroupBackOnceItWouldHaveFittedInForFiveMinutes) {
  Process process(0.01);
  const auto is_in = [&] { return process.is_attached(Group::kHttp); };
  const auto is_out = [&] { return !is_in(); };
  process.set_rate(Group::kHttp, 2'000);
  EXPECT_EQ(process.seconds_until(is_out, 100), -1);
  process.set_rate(Group::kHttp, 25'000);
  EXPECT_GT(process.seconds_until(is_out, 20), 0);
  EXPECT_EQ(process.seconds_until(is_in, 3'600), -1) << "as long as the load goes on";
  process.set_rate(Group::kHttp, 2'000);
  EXPECT_EQ(process.seconds_until(is_in, 200), -1);
  process.set_rate(Group::kHttp, 25'000);  // for a moment, and the five minutes begin anew
  for (int i = 0; i < 10; ++i) process.second();
  process.set_rate(Group::kHttp, 2'000);
  const int seconds = process.seconds_until(is_in, 1'000);
  EXPECT_GE(seconds, 300);
  EXPECT_LE(seconds, 315);
  EXPECT_EQ(process.seconds_until(is_out, 1'000), -1);
}

TEST(Budget, DoesNotTakeWhatCantBeReadForRest) {
  Process process(0.01);
  const auto is_in = [&] { return process.is_attached(Group::kHttp); };
  process.set_rate(Group::kHttp, 25'000);
  process.seconds_until([&] { return !is_in(); }, 20);
  process.hide_events_each(1);
  EXPECT_EQ(process.seconds_until(is_in, 3'600), -1);
}

TEST(Budget, MindsNoReadingThatFailsNowAndThen) {
  Process process(0.01);
  const auto is_in = [&] { return process.is_attached(Group::kHttp); };
  process.set_rate(Group::kHttp, 25'000);
  process.seconds_until([&] { return !is_in(); }, 20);
  process.set_rate(Group::kHttp, 100);
  process.hide_events_each(7);
  const int seconds = process.seconds_until(is_in, 1'000);
  EXPECT_GE(seconds, 300);
  EXPECT_LE(seconds, 320);
}

TEST(Budget, TriesWhatNobodyCountsMoreAndMoreSeldom) {
  Process process(0.01);
  const auto is_in = [&] { return process.is_attached(Group::kEval); };
  const auto is_out = [&] { return !is_in(); };
  process.set_rate(Group::kEval, 20'000);
  EXPECT_GT(process.seconds_until(is_out, 20), 0);
  EXPECT_EQ(process.seconds_until(is_in, 4'000), 300);
  EXPECT_EQ(process.seconds_until(is_out, 20), 10);
  EXPECT_EQ(process.seconds_until(is_in, 4'000), 600);
  for (int i = 0; i < 4; ++i) {
    process.seconds_until(is_out, 20);
    process.seconds_until(is_in, 4'000);
  }
  process.seconds_until(is_out, 20);
  EXPECT_EQ(process.seconds_until(is_in, 4'000), 3'600) << "at most an hour";
  process.set_rate(Group::kEval, 10);
  EXPECT_EQ(process.seconds_until(is_out, 4'000), -1);
  process.set_rate(Group::kEval, 20'000);
  EXPECT_GT(process.seconds_until(is_out, 20), 0);
  EXPECT_EQ(process.seconds_until(is_in, 4'000), 300) << "the last trial went well";
}

TEST(Budget, KnowsNoRatioBeforeThereIsOne) {
  Budget budget(0.01, kHitCostNs);
  EXPECT_EQ(budget.overhead_ratio(), std::nullopt);
  budget.observe({Budget::Clock::time_point(1s), 0, {}});
  EXPECT_EQ(budget.overhead_ratio(), std::nullopt);
  budget.observe({Budget::Clock::time_point(2s), 0, {}});
  EXPECT_EQ(budget.overhead_ratio(), std::nullopt) << "it used no CPU time";
}

}  // namespace
