#include "timeline/event_window.h"

#include <algorithm>
#include <utility>
#include <variant>

namespace timeline {
namespace {

constexpr std::size_t kLeast = 4'096;
constexpr std::size_t kMost = 65'536;
constexpr std::uint64_t kKeptNs = 600ULL * 1'000'000'000;
constexpr std::size_t kMaxTargets = 256;  // names, also of targets that are gone

}  // namespace

void EventWindow::add(model::TimelineEvent event) {
  const std::lock_guard lock(mutex_);
  event.sequence = next_++;
  const std::uint64_t now_ns = event.ended_ns;
  if (!targets_.contains(event.process) && targets_.size() >= kMaxTargets) {
    // Whose last event is the oldest has been gone for longest.
    const auto oldest =
        std::min_element(targets_.begin(), targets_.end(), [](const auto& a, const auto& b) {
          return a.second.events.back().sequence < b.second.events.back().sequence;
        });
    targets_.erase(oldest);
  }
  Target& target = targets_[event.process];
  if (const auto* const hole = std::get_if<model::LostEvent>(&event.detail)) {
    target.lost += hole->count;
  }
  target.events.push_back(std::move(event));
  drop_oldest(target, now_ns);
}

void EventWindow::drop_oldest(Target& target, std::uint64_t now_ns) {
  const auto is_old = [&](const model::TimelineEvent& event) {
    return event.ended_ns + kKeptNs < now_ns;
  };
  while (target.events.size() > kLeast &&
         (target.events.size() > kMost || is_old(target.events.front()))) {
    if (!is_old(target.events.front())) ++target.dropped;
    target.events.pop_front();
  }
}

// The newest first: it is among the last ones.
void EventWindow::note_requests(const std::string& process, std::uint64_t heap, std::uint64_t cycle,
                                std::uint64_t requests) {
  const std::lock_guard lock(mutex_);
  const auto target = targets_.find(process);
  if (target == targets_.end()) return;
  auto& events = target->second.events;
  const auto found = std::find_if(events.rbegin(), events.rend(), [&](const auto& event) {
    const auto* const gc = std::get_if<model::GcEvent>(&event.detail);
    return gc != nullptr && gc->heap == heap && gc->cycle == cycle;
  });
  if (found != events.rend()) std::get<model::GcEvent>(found->detail).requests_hit = requests;
}

std::vector<EventWindow::Pause> EventWindow::last_pauses(const std::string& process,
                                                         std::size_t limit) const {
  const std::lock_guard lock(mutex_);
  std::vector<Pause> pauses;
  const auto target = targets_.find(process);
  if (target == targets_.end()) return pauses;
  const auto& events = target->second.events;
  for (auto event = events.rbegin(); event != events.rend() && pauses.size() < limit; ++event) {
    const auto* const gc = std::get_if<model::GcEvent>(&event->detail);
    if (gc == nullptr) continue;
    pauses.push_back({epoch_ + '-' + std::to_string(event->sequence), gc->heap, gc->cycle,
                      gc->pause_ns(), gc->safepoint_ns(), gc->ended_ns});
  }
  std::reverse(pauses.begin(), pauses.end());
  return pauses;
}

model::TimelinePart EventWindow::read(std::uint64_t since, std::size_t limit,
                                      const std::optional<std::string>& process) const {
  const std::lock_guard lock(mutex_);
  model::TimelinePart part{epoch_, next_, next_, 0, {}};
  for (const auto& [name, target] : targets_) {
    if (process && name != *process) continue;
    if (!target.events.empty()) part.first = std::min(part.first, target.events[0].sequence);
    part.lost += target.lost + target.dropped;
    const auto from = std::lower_bound(
        target.events.begin(), target.events.end(), since,
        [](const model::TimelineEvent& event, std::uint64_t at) { return event.sequence < at; });
    const auto count =
        std::min<std::size_t>(limit, static_cast<std::size_t>(target.events.end() - from));
    part.events.insert(part.events.end(), from, from + static_cast<std::ptrdiff_t>(count));
  }
  std::sort(part.events.begin(), part.events.end(),
            [](const auto& a, const auto& b) { return a.sequence < b.sequence; });
  if (part.events.size() > limit) part.events.resize(limit);
  return part;
}

}  // namespace timeline
