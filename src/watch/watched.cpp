// What is known of a target. How it comes to be known: begin.cpp.
#include "watch/watched.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "watch/recognition.h"

namespace watch {

Watched::Watched(Identity identity, target::HeldProcess process,
                 std::shared_ptr<Surroundings> surroundings)
    : identity_(std::move(identity)),
      process_(std::move(process)),
      surroundings_(std::move(surroundings)) {}

void Watched::tell(base::LogLevel level, const std::string& text) const {
  surroundings_->log.tell(level, label_of(identity_.name, identity_.process.comm),
                          identity_.process.uid, text);
}

bool Watched::has_ended() const {
  return process_.has_ended() || surroundings_->programs.execs_of(identity_.slot) != 0;
}

std::optional<Watched::View> Watched::view() const {
  const std::lock_guard lock(mutex_);
  if (!is_decided_) return std::nullopt;
  return View{attached_, state_, sources_, groups(), overhead_ratio_, audit_};
}

bool Watched::is_decided() const {
  const std::lock_guard lock(mutex_);
  return is_decided_;
}

std::optional<std::string> Watched::problem() const {
  const std::lock_guard lock(mutex_);
  if (!is_decided_ || attached_.probes.any() || state_ != nullptr) return std::nullopt;
  std::string reasons;
  for (const std::string& text : told_) reasons += (reasons.empty() ? "" : "; ") + text;
  return reasons;
}

bool Watched::is_stale() const {
  const std::lock_guard lock(mutex_);
  return is_stale_;
}

std::chrono::steady_clock::time_point Watched::next_begin() const {
  const std::lock_guard lock(mutex_);
  return next_begin_;
}

void Watched::take_deadly_returns() {
  {
    const std::lock_guard lock(mutex_);
    bool any = false;
    for (const probe::Attachment& attachment : attachments_) any |= attachment.has_returns();
    if (!any) return;
  }
  const auto fault = find_return_fault(surroundings_->proc_root, pid());
  if ((fault && !*fault) || has_ended()) return;
  std::vector<probe::Attachment> taken;
  {
    const std::lock_guard lock(mutex_);
    probe::ProbeSet left;
    for (probe::Attachment& attachment : attachments_) {
      if (attachment.has_returns()) taken.push_back(attachment.take_returns());
      left |= attachment.attached().probes;
    }
    attached_.probes &= left;
    std::erase_if(sites_,
                  [&](const probe::Site& site) { return !left.test(*site.probe->hit_slot); });
  }
  tell(base::LogLevel::kWarn, fmt::format("no longer probing the returns of pid {}: {}", pid(),
                                          fault ? **fault : fault.error().message));
  surroundings_->detacher.take(std::move(taken), identity_.program->executable.version);
}

void Watched::hold_off(probe::Group group) {
  std::vector<probe::Attachment> taken;
  const std::lock_guard lock(mutex_);
  if (has_been_ended_) return;
  probe::ProbeSet left;
  for (probe::Attachment& attachment : attachments_) {
    taken.push_back(attachment.take(group));
    left |= attachment.attached().probes;
  }
  attachments_.remove_if([](const auto& attachment) { return attachment.links() == 0; });
  attached_.probes &= left;
  std::erase_if(sites_, [&](const probe::Site& site) { return site.probe->group == group; });
  GroupPast& past = pasts_[group];
  past.is_held_off = true;
  past.has_been_out = true;
  ++past.detachments;
  // It only puts them into a queue.
  past.out = surroundings_->detacher.take(std::move(taken), identity_.program->executable.version);
}

void Watched::let_back(probe::Group group) {
  const std::lock_guard lock(mutex_);
  pasts_[group].is_held_off = false;
  has_more_ = true;
  begins_ = 1;  // if it fails, it is tried again soon
  next_begin_ = std::chrono::steady_clock::now();
}

void Watched::tell_overhead(std::optional<double> ratio) {
  const std::lock_guard lock(mutex_);
  overhead_ratio_ = ratio;
}

// With the lock.
std::vector<model::GroupStatus> Watched::groups() const {
  std::vector<model::GroupStatus> groups;
  for (const probe::GroupSpec& spec : probe::groups()) {
    if (!surroundings_->programs.has(spec.group)) continue;
    const auto past = pasts_.find(spec.group);
    groups.push_back({std::string(spec.name), probe::has_any_of(attached_.probes, spec.group),
                      past == pasts_.end() ? 0 : past->second.detachments});
  }
  return groups;
}

void Watched::request_end() {
  const std::lock_guard lock(mutex_);
  if (thread_) thread_->request_stop();
  if (state_) state_->request_stop();
}

std::shared_future<void> Watched::end() {
  std::vector<probe::Attachment> attachments;
  std::optional<LooseThread> thread;
  std::shared_ptr<StateSource> state;  // may have to be waited for: without the lock
  {
    const std::lock_guard lock(mutex_);
    has_been_ended_ = true;
    std::move(attachments_.begin(), attachments_.end(), std::back_inserter(attachments));
    attachments_.clear();
    attached_.probes.reset();
    state = std::exchange(state_, nullptr);
    if (thread_) thread.emplace(std::move(*thread_));
    thread_.reset();
  }
  return surroundings_->detacher.take(std::move(attachments),
                                      identity_.program->executable.version);
}

void Watched::compare(const model::EventCounts& probes_before, const model::EventCounts& runtime,
                      const model::EventCounts& probes_after) {
  const std::lock_guard lock(mutex_);
  audit_.compare(probes_before, runtime, probes_after);
}

model::EventCounts Watched::missed() const {
  const std::lock_guard lock(mutex_);
  return audit_.missed();
}

}  // namespace watch
