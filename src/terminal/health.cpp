#include "terminal/health.h"

#include <fmt/core.h>

#include <utility>

#include "terminal/cells.h"
#include "terminal/units.h"

namespace terminal {
namespace {

// Keeps the worst finding; of equal ones the first.
class Findings {
 public:
  void add(State state, std::string reason) {
    is_any_ = true;
    if (state <= worst_.state) return;
    worst_ = {state, std::move(reason)};
  }

  void add_share(const Known& share, const Threshold& threshold, const std::string& what) {
    if (!share) return;
    add(judge(*share, threshold), fmt::format("{} {}", percent(share), what));
  }

  // Where nothing could be judged, nothing is good.
  Verdict worst() && {
    if (!is_any_) return {State::kUnknown, "nothing is known by which to judge"};
    return std::move(worst_);
  }

 private:
  bool is_any_ = false;
  Verdict worst_{State::kGood, "nothing is past its threshold"};
};

Known share_of(const Known& part, const Known& whole) {
  if (!part || whole.value_or(0) <= 0) return std::nullopt;
  return *part / *whole;
}

void add_parts(const TargetView& view, Findings& findings) {
  for (const SystemView& system : view.systems) {
    const std::string name = fit(system.now.name, 20, Side::kNone);
    findings.add_share(system.busy, kBusyShare, "of the time the loop of " + name + " is busy");
    findings.add_share(share_of(system.now.pool_used, system.now.pool_total), kPoolShare,
                       "of the connections of " + name + " are taken");
    if (const auto& longest = system.longest_stall) {
      findings.add(judge(longest->seconds, kStallSeconds),
                   "the loop of " + name + " stalled for " + latency(longest));
    }
  }
}

}  // namespace

State judge(double value, const Threshold& threshold) {
  if (value >= threshold.critical) return State::kCritical;
  return value >= threshold.warning ? State::kWarning : State::kGood;
}

Verdict verdict_of(const TargetView& view, const std::deque<Pause>& pauses) {
  if (!view.now.up) return {State::kCritical, "the process has ended, or can't be told of"};
  if (view.now.stopped) return {State::kCritical, "the process is stopped or frozen"};
  Findings findings;
  findings.add_share(view.error_share, kErrorShare, "of the requests fail (5xx)");
  if (const auto& p99 = view.latency.p99) {
    findings.add(judge(p99->seconds, kP99Seconds), "P99 of requests is " + latency(p99));
  }
  for (const Pause& pause : pauses) {
    if (!pause.pause_ms || pause.world_stopped == false) continue;
    findings.add(judge(*pause.pause_ms, kPauseMs),
                 "a garbage collection took " + seconds(*pause.pause_ms / 1'000));
  }
  findings.add_share(view.pause_share, kPauseShare, "of the time went into garbage collections");
  findings.add_share(share_of(view.now.live_bytes, view.now.total_bytes), kLiveShare,
                     "of the heap is live");
  add_parts(view, findings);
  Verdict verdict = std::move(findings).worst();
  const bool is_bad = verdict.state >= State::kWarning;
  if (view.seconds > 0 || is_bad) return verdict;
  return {State::kUnknown, "waiting for the second sample"};
}

std::string word_of(State state) {
  switch (state) {
    case State::kGood:
      return "GOOD";
    case State::kUnknown:
      return "UNKNOWN";
    case State::kWarning:
      return "WARNING";
    case State::kCritical:
      return "CRITICAL";
  }
  return "UNKNOWN";
}

}  // namespace terminal
