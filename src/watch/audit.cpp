#include "watch/audit.h"

#include <algorithm>

namespace watch {
namespace {

constexpr std::array kCounts{&EventCounts::gc_cycles, &EventCounts::requests,
                             &EventCounts::connections};

}  // namespace

Shortfall::Shortfall(std::uint64_t runtime, std::uint64_t probe)
    : lead_at_begin_(runtime - probe), probe_at_begin_(probe), probe_(probe) {}

void Shortfall::compare(std::uint64_t runtime, std::uint64_t probe) {
  probe_ = probe;
  // Modulo 2^64, and a probe that is ahead is no shortfall.
  const std::uint64_t lead = runtime - probe - lead_at_begin_;
  const bool is_ahead = static_cast<std::int64_t>(lead) < 0;
  last_.push_back(is_ahead ? 0 : lead);
  if (last_.size() > kComparisons) last_.pop_front();
  if (last_.size() < kComparisons) return;
  missed_ = std::max(missed_, missed_at_begin_ + *std::min_element(last_.begin(), last_.end()));
}

void Shortfall::begin_again(std::uint64_t runtime, std::uint64_t probe) {
  lead_at_begin_ = runtime - probe;
  last_.clear();
  missed_at_begin_ = missed_;
  probe_at_begin_ = probe_ = probe;
  is_paused_ = false;
}

bool Audit::waits_to_begin() const {
  return std::any_of(shortfalls_.begin(), shortfalls_.end(),
                     [](const auto& shortfall) { return !shortfall || shortfall->is_paused(); });
}

void Audit::compare(const EventCounts& probes_before, const EventCounts& runtime,
                    const EventCounts& probes_after) {
  for (std::size_t i = 0; i < kCounts.size(); ++i) {
    const model::Count& counted = runtime.*kCounts[i];
    const model::Count& before = probes_before.*kCounts[i];
    const model::Count& after = probes_after.*kCounts[i];
    if (!counted) continue;
    std::optional<Shortfall>& shortfall = shortfalls_[i];
    if (shortfall && !after) {
      shortfall->pause();
    } else if (shortfall && !shortfall->is_paused()) {
      shortfall->compare(*counted, *after);
    } else if (shortfall && before) {
      shortfall->begin_again(*counted, *before);
    } else if (before) {
      shortfall.emplace(*counted, *before);
    }
  }
}

EventCounts Audit::missed() const {
  EventCounts missed;
  for (std::size_t i = 0; i < kCounts.size(); ++i) {
    if (shortfalls_[i]) missed.*kCounts[i] = shortfalls_[i]->missed();
  }
  return missed;
}

bool Audit::is_silent(model::Count EventCounts::*event) const {
  for (std::size_t i = 0; i < kCounts.size(); ++i) {
    if (kCounts[i] == event) return shortfalls_[i] && shortfalls_[i]->is_silent();
  }
  return false;
}

void add(EventCounts& sum, const EventCounts& more) {
  for (const auto count : kCounts) {
    if (more.*count) sum.*count = (sum.*count).value_or(0) + *(more.*count);
  }
}

}  // namespace watch
