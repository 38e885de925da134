// Decides when the flight recorder keeps what it has.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "model/timeline_event.h"
#include "timeline/capture_rule.h"

namespace timeline {

// Who fires is left alone for so long: of a bad hour, the captures of its begin are not pushed out
// by those of its end.
inline constexpr std::uint64_t kCaptureCoolDownNs = 30'000'000'000;
// A capture is taken so long after its rule fired, so that what fired it, and a little of what
// followed, is inside.
inline constexpr std::uint64_t kCaptureDelayNs = 1'000'000'000;

// A rule that fired and is not taken yet.
struct Firing {
  std::size_t rule = 0;  // its index
  std::string process;
  std::uint64_t fired_ns = 0;
};

// Sees every event of the timeline and says which rules fire. The only clock is that of events and
// of take_due(). One thread.
class CaptureJudge {
 public:
  explicit CaptureJudge(std::vector<CaptureRule> rules)
      : rules_(std::move(rules)), suppressed_(rules_.size(), 0) {}

  // In the order in which they ended, more or less.
  void see(const model::TimelineEvent& event);

  // Those whose time has come: once each.
  std::vector<Firing> take_due(std::uint64_t now_ns);

  const std::vector<CaptureRule>& rules() const { return rules_; }
  // Of each rule, how often it fired while it cooled down.
  const std::vector<std::uint64_t>& suppressed() const { return suppressed_; }

 private:
  struct Pause {
    std::uint64_t begun_ns = 0;
    std::uint64_t ended_ns = 0;
  };
  // What a rule about a share has seen of a target.
  struct Share {
    std::deque<Pause> pauses;     // that don't overlap; the oldest first
    std::uint64_t paused_ns = 0;  // all of them together
    bool is_above = false;
  };
  using Key = std::pair<std::size_t, std::string>;  // a rule and a process

  bool fires(std::size_t rule, const model::TimelineEvent& event);
  bool share_rises(std::size_t rule, const std::string& process, Pause pause);
  // Of the time up to now; never asked for a time before the last one.
  static double share_at(Share& share, std::uint64_t now_ns, std::uint64_t window_ns);
  void fire(std::size_t rule, const model::TimelineEvent& event);
  void forget_long_cold(std::uint64_t now_ns);

  const std::vector<CaptureRule> rules_;
  std::vector<std::uint64_t> suppressed_;
  std::map<Key, Share> shares_;
  std::map<Key, std::uint64_t> fired_ns_;  // for the last time; bounded
  std::deque<Firing> waiting_;
};

}  // namespace timeline
