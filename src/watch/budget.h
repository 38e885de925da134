// What probes may cost a process.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <vector>

#include "model/snapshot.h"
#include "probe/groups.h"

namespace watch {

// Decides, for one process, which group of probes costs too much and when it may come back.
//
// Fed once a second with what was counted so far. The cost is hits times the price of one; it is
// held against the CPU time that the process used, or against one CPU's where it used less: a share
// of next to nothing is nothing. Where the cost of ten seconds was above the limit, the group that
// cost most goes, but never a light one. It comes back once it would have fitted in for five
// minutes without a break. How often it would have been hit while it is out follows from what
// memory counts; where nobody counts it, it comes back for a trial after five minutes, and after
// each trial that fails it waits twice as long, up to an hour.
//
// Pure: the clock and all counts come from outside. One thread at a time.
class Budget {
 public:
  using Clock = std::chrono::steady_clock;

  // `max_share` is above 0. The price is the CPU time of a hit.
  Budget(double max_share, std::uint64_t hit_cost_ns);

  struct GroupUse {
    probe::Group group;
    bool is_attached = false;
    std::uint64_t hits = 0;    // of its probes, so far; does not grow while it is out
    model::Count events = {};  // what would hit them, so far, as memory counts it
  };
  struct Observation {
    Clock::time_point now;
    std::uint64_t cpu_ns = 0;  // that the process has used
    std::vector<GroupUse> groups;
  };
  struct Decision {
    std::optional<probe::Group> detach;
    std::optional<probe::Group> attach;
    double share = 0;  // what all cost together, of what it is held against
  };

  Decision observe(const Observation& observation);

  // What probes cost, of the CPU time that the process used, in the last ten seconds, or since the
  // last decision: at most all of it. None: not known yet, or it used none.
  std::optional<double> overhead_ratio() const;

 private:
  // A group that was taken out.
  struct Out {
    bool is_counted = false;       // by memory, while it is out
    Clock::time_point known_at{};  // how much it would cost, last
    Clock::time_point fits_since{};
    Clock::duration wait{};  // from then on
  };
  // A group that came back, or is out for the first time.
  struct Trial {
    Clock::time_point begun{};
    Clock::duration waited{};
  };

  const Observation& first() const { return window_.front(); }
  const Observation& last() const { return window_.back(); }
  bool is_full() const;
  double cpu_ns() const;
  double allowed_ns() const;
  double cost_ns(const GroupUse& use) const;
  std::optional<double> would_cost_ns(const GroupUse& use) const;
  double cost_of_all_ns() const;
  void judge(const GroupUse* use, Out& out) const;
  std::optional<probe::Group> most_expensive() const;
  std::optional<probe::Group> may_come_back();
  void take_out(probe::Group group);

  const double max_share_;
  const double hit_cost_ns_;
  std::deque<Observation> window_;  // of ten seconds; begins anew with each decision
  std::map<probe::Group, Out> out_;
  std::map<probe::Group, Trial> trials_;
};

}  // namespace watch
