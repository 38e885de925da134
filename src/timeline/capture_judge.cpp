#include "timeline/capture_judge.h"

#include <algorithm>
#include <variant>

namespace timeline {
namespace {

using Kind = CaptureRule::Kind;

// Targets that are gone are forgotten when there are so many.
constexpr std::size_t kMaxKeys = 4'096;
constexpr std::size_t kMaxPauses = 65'536;

const model::GcEvent* pause_of(const model::TimelineEvent& event) {
  const auto* const gc = std::get_if<model::GcEvent>(&event.detail);
  // Where others run meanwhile, nobody waits.
  return gc != nullptr && gc->begun_ns && gc->world_stopped != false ? gc : nullptr;
}

}  // namespace

void CaptureJudge::see(const model::TimelineEvent& event) {
  for (std::size_t rule = 0; rule < rules_.size(); ++rule) {
    if (fires(rule, event)) fire(rule, event);
  }
}

bool CaptureJudge::fires(std::size_t rule, const model::TimelineEvent& event) {
  const CaptureRule& what = rules_[rule];
  const model::GcEvent* const gc = pause_of(event);
  switch (what.kind) {
    case Kind::kGcPause:
      return gc != nullptr && *gc->pause_ns() > what.limit_ns;
    case Kind::kLoopStall: {
      const auto* const stall = std::get_if<model::StallEvent>(&event.detail);
      return stall != nullptr && stall->busy_ns > what.limit_ns;
    }
    case Kind::kGcPauseShare:
      return gc != nullptr && share_rises(rule, event.process, {*gc->begun_ns, gc->ended_ns});
    case Kind::kTargetDown: {
      const auto* const target = std::get_if<model::TargetEvent>(&event.detail);
      return target != nullptr && target->what == model::TargetEvent::What::kEnded;
    }
  }
  return false;
}

// The share is highest at the end of a pause and lowest right before one. It fires once a rise,
// however long it stays up there.
bool CaptureJudge::share_rises(std::size_t rule, const std::string& process, Pause pause) {
  const CaptureRule& what = rules_[rule];
  Share& share = shares_[{rule, process}];
  // Pauses of several heaps at a time are one.
  if (!share.pauses.empty()) {
    pause.begun_ns = std::max(pause.begun_ns, share.pauses.back().ended_ns);
  }
  if (pause.begun_ns >= pause.ended_ns) return false;
  if (share_at(share, pause.begun_ns, what.window_ns) <= what.share) share.is_above = false;
  share.pauses.push_back(pause);
  share.paused_ns += pause.ended_ns - pause.begun_ns;
  const bool is_above = share_at(share, pause.ended_ns, what.window_ns) > what.share;
  const bool was_above = std::exchange(share.is_above, is_above);
  return is_above && !was_above;
}

double CaptureJudge::share_at(Share& share, std::uint64_t now_ns, std::uint64_t window_ns) {
  const std::uint64_t from_ns = now_ns > window_ns ? now_ns - window_ns : 0;
  const auto is_over = [&] {
    return share.pauses.front().ended_ns <= from_ns || share.pauses.size() > kMaxPauses;
  };
  while (!share.pauses.empty() && is_over()) {
    share.paused_ns -= share.pauses.front().ended_ns - share.pauses.front().begun_ns;
    share.pauses.pop_front();
  }
  if (share.pauses.empty()) return 0;
  const std::uint64_t begun_ns = share.pauses.front().begun_ns;
  const std::uint64_t before_ns = from_ns > begun_ns ? from_ns - begun_ns : 0;
  return static_cast<double>(share.paused_ns - before_ns) / static_cast<double>(window_ns);
}

void CaptureJudge::fire(std::size_t rule, const model::TimelineEvent& event) {
  forget_long_cold(event.ended_ns);
  const Key key{rule, event.process};
  const auto last = fired_ns_.find(key);
  if (last != fired_ns_.end() && event.ended_ns < last->second + kCaptureCoolDownNs) {
    ++suppressed_[rule];
    return;
  }
  fired_ns_[key] = event.ended_ns;
  waiting_.push_back({rule, event.process, event.ended_ns});
}

void CaptureJudge::forget_long_cold(std::uint64_t now_ns) {
  if (fired_ns_.size() >= kMaxKeys) {
    std::erase_if(fired_ns_,
                  [&](const auto& one) { return one.second + kCaptureCoolDownNs < now_ns; });
  }
  if (shares_.size() >= kMaxKeys) shares_.clear();
}

std::vector<Firing> CaptureJudge::take_due(std::uint64_t now_ns) {
  std::vector<Firing> due;
  while (!waiting_.empty() && waiting_.front().fired_ns + kCaptureDelayNs <= now_ns) {
    due.push_back(std::move(waiting_.front()));
    waiting_.pop_front();
  }
  return due;
}

}  // namespace timeline
