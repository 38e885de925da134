// Targets, from the slot that one is given until that is free again.
#include <sys/epoll.h>

#include <algorithm>
#include <array>
#include <cassert>
#include <map>
#include <utility>

#include <fmt/format.h>

#include "base/clock.h"
#include "target/exit_status.h"
#include "target/process_metrics.h"
#include "target/process_stat.h"
#include "watch/discovery.h"

namespace watch {
namespace {

using base::fail;
using base::Result;

constexpr std::chrono::minutes kEndedIsShown{10};
constexpr std::size_t kMaxEnded = 1'000;  // past it, one of the user's that has most
// While it is not known which of several alike a process is (NameBook).
constexpr std::chrono::milliseconds kNameLater{50};
// For so long after its start a process may be given its name.
constexpr std::chrono::milliseconds kMayRename{2'000};
// A server listens soon, or after it has read a lot.
constexpr std::array kAskForPort{std::chrono::seconds(2), std::chrono::seconds(30)};

void tell_begin(const Watched& target) {
  const Identity& identity = target.identity();
  target.tell(base::LogLevel::kInfo,
              fmt::format("watching pid {} ({}), which runs {}", target.pid(),
                          identity.process.comm, identity.program->executable.path));
}

}  // namespace

void Discovery::begin(Recognised recognised) {
  const int pid = recognised.process.id.pid;
  if (find(pid) != nullptr) {
    names_.learn(recognised);
    return;
  }
  // It may have ended since it was asked about: then it takes no place of others.
  if (!target::is_running(config_.proc_root, recognised.process.id)) return forget_unwatched(pid);
  if (was_in_exec(recognised.process)) return consider(pid);
  if (const auto why = find_refusal(recognised.process)) {
    forget_unwatched(pid);
    return refuse(pid, recognised.process.comm, *why);
  }
  if (!gets_place(recognised.process)) return;
  const bool may_wait = later_.size() < kMaxLater;
  auto name = names_.name(recognised,
                          may_wait ? NameBook::Port::kMayCome : NameBook::Port::kIsNotWaitedFor);
  if (!name) {  // its place is kept for it
    later_.push_back({Clock::now() + kNameLater, pid});
    return;
  }
  const auto slot = free_slot();
  assert(slot);
  const Claim claim = waiting_.at(pid);
  forget_unwatched(pid);
  const model::ProcessId id = recognised.process.id;
  const bool has_port = recognised.marks.port != 0;
  const std::string comm = recognised.process.comm;
  auto target = make_target(std::move(recognised), std::move(*name), *slot);
  if (!target) names_.end(id);
  if (!target && target.error().cause != base::Cause::kGone) {
    return refuse(pid, comm, target.error().message);
  }
  if (!target) {
    surroundings_->log.tell(base::LogLevel::kInfo, label_of({}, comm), claim.uid,
                            target.error().message);
    return;
  }
  for (const auto& in : kAskForPort) {
    if (!has_port) port_unknown_.push_back({Clock::now() + in, pid});
  }
  held_.insert_or_assign(pid, claim);
  one_process_start_ticks_ = (*target)->identity().process.id.start_ticks;
  ++generations_[pid];
  targets_.push_back(std::move(*target));
  publish();
  tell_begin(*targets_.back());
  targets_.back()->begin();
}

// It was looked at in the middle of an exec, with the new file and the old comm; or it has given
// itself another name since, as some do at their start.
bool Discovery::was_in_exec(const target::Process& process) const {
  const auto stat = target::read_stat(config_.proc_root, process.id.pid);
  return stat && stat->comm != process.comm &&
         target::is_younger_than(config_.proc_root, process.id, kMayRename);
}

// First its slot, then a look at who it is: an exec from here on is counted.
Result<std::shared_ptr<Watched>> Discovery::make_target(Recognised recognised, std::string name,
                                                        std::uint32_t slot) {
  const int pid = recognised.process.id.pid;
  auto held = target::HeldProcess::open(pid);
  if (!held) return pass_on(held);
  if (auto watched = surroundings_->programs.watch(slot, pid); !watched) return pass_on(watched);
  if (!target::is_running(config_.proc_root, recognised.process.id)) {
    surroundings_->programs.unwatch(pid);
    return fail(base::Cause::kGone, "watch pid {}: it has ended or runs another image", pid);
  }
  if (auto followed = follow(held->fd()); !followed) {
    surroundings_->programs.unwatch(pid);
    return pass_on(followed);
  }
  Identity identity;
  identity.process = std::move(recognised.process);
  identity.generation = generations_[pid];
  identity.slot = slot;
  identity.name = std::move(name);
  identity.place = std::move(recognised.place);
  identity.script = std::move(recognised.script);
  identity.program = std::move(recognised.program);
  identity.since_unix_ns = base::unix_ns();
  identity.start_unix_ns = target::read_start_unix_ns(config_.proc_root, pid);
  return std::make_shared<Watched>(std::move(identity), std::move(*held), surroundings_);
}

void Discovery::retire_ended() {
  for (std::size_t i = targets_.size(); i-- > 0;) {
    if (targets_[i]->has_ended()) retire(i);
  }
}

void Discovery::retire(std::size_t index) {
  const Identity& identity = targets_[index]->identity();
  const int pid = identity.process.id.pid;
  targets_[index]->tell(
      base::LogLevel::kInfo,
      fmt::format("pid {} ({}) {}", pid, identity.process.comm, reason_of_end(*targets_[index])));
  wait_statuses_.erase(pid);
  remember(identity);
  take_out(index);
  held_.erase(pid);
  // Who runs another image is considered by its exec; who has ended leaves the pid to others.
  seen_.erase(pid);
}

void Discovery::take_out(std::size_t index) {
  const std::shared_ptr<Watched> target = targets_[index];
  names_.end(target->identity().process.id);
  ::epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, target->end_fd(), nullptr);
  surroundings_->programs.unwatch(target->pid());
  {
    const std::lock_guard lock(mutex_);
    add(missed_by_ended_, target->missed());
  }
  targets_.erase(targets_.begin() + static_cast<std::ptrdiff_t>(index));
  publish();
  leaving_.push_back({target, target->end()});
}

// The kernel told of the end before it showed it.
std::string Discovery::reason_of_end(const Watched& target) {
  take_events();
  if (target.has_exited()) {
    const auto status = wait_statuses_.find(target.pid());
    if (status == wait_statuses_.end()) return "has ended";
    return "has ended: " + target::words_of_end(status->second);
  }
  if (!target.has_ended()) return "is looked at anew: its file has changed";
  const auto image = target::identify(config_.proc_root, target.pid());
  if (!image) return "has called exec, and runs another image";
  return fmt::format("has called exec, and runs another image: {}", image->comm);
}

// A slot is free once nothing fires into it and nobody reads it.
void Discovery::sweep_leaving() {
  bool any_free = false;
  std::erase_if(leaving_, [&](Leaving& leaving) {
    const bool is_out = leaving.out.wait_for(std::chrono::seconds(0)) == std::future_status::ready;
    if (!is_out || leaving.target.use_count() > 1) return false;
    surroundings_->programs.forget(leaving.target->identity().slot);
    any_free = true;
    return true;
  });
  if (!any_free) return;
  offer_places();
  std::erase_if(generations_, [&](const auto& entry) { return find(entry.first) == nullptr; });
}

// The one process is told of for as long as we are asked.
void Discovery::remember(const Identity& identity) {
  const auto now = Clock::now();
  std::erase_if(ended_, [&](const Ended& ended) {
    return ended.shown_until <= now || ended.target.process == identity.name;
  });
  if (ended_.size() >= kMaxEnded) forget_an_end();
  const bool is_the_one = one_process(config_) != nullptr;
  ended_.push_back({describe_ended(identity),
                    is_the_one ? Clock::time_point::max() : now + kEndedIsShown,
                    identity.process.uid});
}

// As names are forgotten (name_book.cpp): by users, and root's last.
void Discovery::forget_an_end() {
  std::map<std::uint32_t, std::size_t> count;
  for (const Ended& ended : ended_) ++count[ended.uid];
  const auto most = std::max_element(count.begin(), count.end(), [](const auto& a, const auto& b) {
    return std::pair(a.first != 0, a.second) < std::pair(b.first != 0, b.second);
  });
  ended_.erase(std::find_if(ended_.begin(), ended_.end(),
                            [&](const Ended& ended) { return ended.uid == most->first; }));
}

void Discovery::publish() {
  list_.set({targets_, ended_, refused_.size(), waiting_.size()});
  are_counts_old_ = false;
}

void Discovery::end_all() {
  list_.set({});
  std::vector<std::shared_future<void>> out;
  for (const auto& target : targets_) target->request_end();
  for (const auto& target : targets_) out.push_back(target->end());
  for (const Leaving& leaving : leaving_) out.push_back(leaving.out);
  for (const auto& one : out) one.wait();
}

std::optional<std::uint32_t> Discovery::free_slot() const {
  std::vector<bool> is_taken(surroundings_->programs.max_targets());
  for (const auto& target : targets_) is_taken.at(target->identity().slot) = true;
  for (const Leaving& leaving : leaving_) is_taken.at(leaving.target->identity().slot) = true;
  const auto free = std::find(is_taken.begin(), is_taken.end(), false);
  if (free == is_taken.end()) return std::nullopt;
  return static_cast<std::uint32_t>(free - is_taken.begin());
}

}  // namespace watch
