// How a target comes to be known: attaching. How its memory is read: begin_memory.cpp. All of it in
// the target's own thread.
#include <unistd.h>

#include <algorithm>
#include <iterator>
#include <utility>

#include "base/clock.h"
#include "base/log.h"
#include "memory/process_memory.h"
#include "probe/members_of_probe.h"
#include "probe/site_check.h"
#include "target/memory_map.h"
#include "target/process_stat.h"
#include "watch/needed.h"
#include "watch/planting.h"
#include "watch/recognition.h"
#include "watch/sources.h"
#include "watch/watched.h"

namespace watch {
namespace {

using base::Result;
using Clock = std::chrono::steady_clock;

constexpr std::chrono::seconds kOldVersions{5};
constexpr unsigned kMaxBackoff = 6;  // 64 s

std::chrono::seconds until_next_look(unsigned looks) {
  if (looks <= 1) return std::chrono::seconds(1);
  return looks <= 3 ? std::chrono::seconds(5) : std::chrono::seconds(60);
}

std::string names_of(const probe::ProbeSet& probes) {
  std::string names;
  for (const probe::ProbeSpec& spec : probe::contract()) {
    if (!spec.hit_slot || !probes.test(*spec.hit_slot)) continue;
    names += names.empty() ? "" : ", ";
    names += spec.name;
  }
  return names;
}

}  // namespace

void Watched::begin() {
  const std::lock_guard lock(mutex_);
  if (has_been_ended_ || (thread_ && !thread_->is_done())) return;
  next_begin_ = Clock::time_point::max();
  thread_.reset();
  auto thread = LooseThread::start(
      "begin", [self = shared_from_this()](const std::stop_token& stop) { self->run(stop); });
  if (thread) {
    thread_.emplace(std::move(*thread));
  } else {
    tell(base::LogLevel::kError, fmt::format("watch pid {}: {}", pid(), thread.error().message));
    next_begin_ = Clock::now() + std::chrono::seconds(1);
  }
}

void Watched::run(const std::stop_token& stop) {
  if (is_decided()) {
    begin_again(stop);
  } else {
    begin_first(stop);
  }
  const std::lock_guard lock(mutex_);
  if (has_been_ended_ || is_stale_) return;
  const bool is_whole = failed_.none() && !could_not_look_;
  ++begins_;
  if (has_more_) return;  // let back meanwhile: due already
  next_begin_ =
      Clock::now() + (is_whole ? until_next_look(begins_)
                               : std::chrono::seconds(1U << std::min(begins_ - 1, kMaxBackoff)));
}

// What is attached in any case needs not wait until it is known what memory tells.
void Watched::begin_first(const std::stop_token& stop) {
  const auto sites = look_for_sites(stop);
  if (is_stale()) return;
  const probe::ProbeSet always = always_needed_probes(means());
  attach(sites, always);
  auto state = stop.stop_requested() ? nullptr : open_state(stop);
  if (stop.stop_requested()) return;
  const auto members = state ? state->members() : std::vector<model::Member>();
  attach(sites, needed_probes(means(), members) & ~always);
  if (means() == probe::Means::kFunctions && state && state->heap_use_offset()) {
    surroundings_->programs.tell_heap_use(identity_.slot, *state->heap_use_offset());
    const std::lock_guard lock(mutex_);
    attached_.knows_heap_use = true;
  }
  decide(std::move(state));
}

void Watched::begin_again(const std::stop_token& stop) {
  bool is_whole = false;
  std::vector<model::Member> members;
  {
    const std::lock_guard lock(mutex_);
    is_whole = failed_.none() && !could_not_look_ && !has_more_;
    has_more_ = false;
    if (state_) members = state_->members();
  }
  look_again();
  if (!is_whole) attach(look_for_sites(stop), needed_probes(means(), members));
}

// None: there are none, or not now.
std::vector<probe::Site> Watched::look_for_sites(const std::stop_token& stop) {
  const target::Executable& executable = identity_.program->executable;
  {
    const std::lock_guard lock(mutex_);
    could_not_look_ = true;
  }
  if (!surroundings_->detacher.wait_for_old_versions(executable.version, stop,
                                                     Clock::now() + kOldVersions)) {
    tell_once(fmt::format(
        "not attaching to pid {} yet: probes of an older version of {} are still being taken out",
        pid(), executable.path));
    return {};
  }
  const auto version_now = target::version_of(executable);
  if (version_now && *version_now != executable.version) {
    const std::lock_guard lock(mutex_);
    is_stale_ = true;
    return {};
  }
  auto sites = find_sites();
  if (!sites) {
    tell_once(fmt::format("not probing pid {}: {}", pid(), sites.error().message));
    return {};
  }
  const std::lock_guard lock(mutex_);
  could_not_look_ = false;
  return std::move(*sites);
}

probe::Means Watched::means() const {
  return identity_.program->sites.empty() ? probe::Means::kFunctions : probe::Means::kSites;
}

// Of the wanted ones, those that are not attached and not held off.
void Watched::attach(std::vector<probe::Site> sites, const probe::ProbeSet& wanted) {
  {
    const std::lock_guard lock(mutex_);
    const probe::ProbeSet open = wanted & ~(attached_.probes | lost_);
    std::erase_if(sites, [&](const probe::Site& site) {
      const auto past = pasts_.find(*site.probe->group);
      const bool is_held_off = past != pasts_.end() && past->second.is_held_off;
      return is_held_off || !open.test(*site.probe->hit_slot);
    });
  }
  if (sites.empty()) return;
  forget_open(sites);
  attach_sites(std::move(sites));
}

// Of groups that come back.
void Watched::forget_open(const std::vector<probe::Site>& sites) {
  for (const probe::GroupSpec& spec : probe::groups()) {
    const bool comes = std::any_of(sites.begin(), sites.end(), [&](const probe::Site& site) {
      return site.probe->group == spec.group;
    });
    std::shared_future<void> out;
    {
      const std::lock_guard lock(mutex_);
      const auto past = pasts_.find(spec.group);
      if (!comes || past == pasts_.end() || !std::exchange(past->second.has_been_out, false)) {
        continue;
      }
      out = past->second.out;
    }
    if (out.valid()) out.wait();
    surroundings_->programs.forget_open(identity_.slot, spec.group);
  }
}

Result<std::vector<probe::Site>> Watched::find_sites() {
  const target::Program& program = *identity_.program;
  if (!program.sites.empty()) {
    const probe::SiteCheck check = probe::check_sites(program.sites);
    for (const probe::RefusedSite& refused : check.refused) {
      tell_once(
          fmt::format("not attaching {} of pid {}: {}; build it with <valkyria/probes.h> as "
                      "it is",
                      refused.probe, pid(), refused.reason));
    }
    return probe::sites_of(check);
  }
  const auto check = find_functions(surroundings_->proc_root, pid(), program);
  if (!check) return pass_on(check);
  for (const auto& [probe, reason] : check->refused) {
    tell_once(fmt::format("not probing the {} of pid {}: {}", name_of(*probe), pid(), reason));
  }
  return probe::sites_of(*check);
}

// Attaching goes by pid: it must have been the same process, and image, all the while.
void Watched::attach_sites(std::vector<probe::Site> sites) {
  const target::Program& program = *identity_.program;
  std::vector<probe::AttachFailure> failures;
  const std::vector<probe::Site> tried = sites;
  auto attachment = probe::Attachment::attach(surroundings_->programs,
                                              {program.executable.fd.get(), pid(), identity_.slot},
                                              means(), sites, failures);
  const bool has_gone = has_ended();
  probe::ProbeSet lost;
  if (!has_gone) {
    for (const probe::AttachFailure& failure : failures) {
      tell_once(fmt::format("not attaching {} to pid {}: {}; trying again", failure.probe->name,
                            pid(), failure.reason));
    }
    std::erase_if(sites, [&](const probe::Site& site) {
      return !attachment.attached().probes.test(*site.probe->hit_slot);
    });
    lost = find_lost(sites, Look::kBreakpointsAndSemaphores);
    attachment.disown(lost);
    std::erase_if(sites, [&](const probe::Site& site) { return lost.test(*site.probe->hit_slot); });
  }
  std::unique_lock lock(mutex_);
  if (has_been_ended_ || has_gone) {
    lock.unlock();
    // The slot must not be given away before: this thread keeps the target until then.
    std::vector<probe::Attachment> unused;
    unused.push_back(std::move(attachment));
    surroundings_->detacher.take(std::move(unused), program.executable.version).wait();
    return;
  }
  for (const probe::Site& site : tried) failed_.reset(*site.probe->hit_slot);
  lost_ |= lost;
  for (const probe::AttachFailure& failure : failures) failed_.set(*failure.probe->hit_slot);
  add_attachment(std::move(attachment));
  std::copy_if(sites.begin(), sites.end(), std::back_inserter(sites_),
               [&](const auto& site) { return attached_.probes.test(*site.probe->hit_slot); });
  if (!is_decided_) return;
  // What is told already keeps its source.
  for (const model::FamilySource& chosen : choose_sources()) {
    const bool is_told = std::any_of(sources_.begin(), sources_.end(), [&](const auto& told) {
      return told.family == chosen.family;
    });
    if (!is_told) sources_.push_back(chosen);
  }
}

// With the lock. A group may have been held off while it was being attached.
void Watched::add_attachment(probe::Attachment attachment) {
  for (auto& [group, past] : pasts_) {
    if (!past.is_held_off) continue;
    std::vector<probe::Attachment> unwanted;
    unwanted.push_back(attachment.take(group));
    if (unwanted.front().links() == 0) continue;
    past.has_been_out = true;
    past.out =
        surroundings_->detacher.take(std::move(unwanted), identity_.program->executable.version);
  }
  attached_.means = means();
  attached_.probes |= attachment.attached().probes;
  if (attachment.links() > 0) attachments_.push_back(std::move(attachment));
}

// Of these sites, the probes that tell nothing. Told once, each.
probe::ProbeSet Watched::find_lost(const std::vector<probe::Site>& sites, Look look) {
  const target::Program& program = *identity_.program;
  const auto mappings = target::read_maps(surroundings_->proc_root, pid());
  const auto bias = mappings
                        ? target::find_load_bias(*mappings, program.executable, program.segments)
                        : pass_on(mappings);
  if (!bias) {
    base::log_debug("not looking whether probes stand in pid {}: {}", pid(), bias.error().message);
    return {};
  }
  memory::ProcessMemory memory(target::living_directory(surroundings_->proc_root, pid()), pid());
  const probe::ProbeSet unplanted = find_unplanted(memory, *bias, sites, look);
  if (has_ended()) return {};
  if (unplanted.any()) {
    const bool has_main_thread = target::has_main_thread(surroundings_->proc_root, pid());
    tell_once(fmt::format(
        "not told by probes of pid {}: {}; no breakpoint stands at their sites, or their "
        "semaphores "
        "are not raised ({})",
        pid(), names_of(unplanted),
        has_main_thread ? "was the code copied to huge pages?" : "its main thread has left"));
  }
  return unplanted;
}

// What stood may be gone: code can be copied to other pages at any time.
void Watched::look_again() {
  std::vector<probe::Site> sites;
  {
    const std::lock_guard lock(mutex_);
    sites = sites_;
  }
  if (sites.empty()) return;
  const probe::ProbeSet lost = find_lost(sites, Look::kBreakpoints);
  const std::lock_guard lock(mutex_);
  for (probe::Attachment& attachment : attachments_) attachment.disown(lost);
  attached_.probes &= ~lost;
  lost_ |= lost;
  std::erase_if(sites_, [&](const probe::Site& site) { return lost.test(*site.probe->hit_slot); });
}

void Watched::decide(std::shared_ptr<StateSource> state) {
  const std::lock_guard lock(mutex_);
  if (has_been_ended_) return;
  if (state == nullptr && attached_.probes.none()) {
    tell(base::LogLevel::kError,
         fmt::format("pid {} tells nothing: neither probes, functions nor memory (doctor --pid {})",
                     pid(), pid()));
  }
  state_ = std::move(state);
  sources_ = choose_sources();
  is_decided_ = true;
}

// With the lock.
std::vector<model::FamilySource> Watched::choose_sources() const {
  const auto probes = probe::members_of(attached_);
  if (!state_) return watch::choose_sources({}, probes);
  return watch::choose_sources(state_->members(), probes, state_->differences());
}

void Watched::tell_once(const std::string& text) {
  {
    const std::lock_guard lock(mutex_);
    if (!told_.insert(text).second) return;
  }
  tell(base::LogLevel::kWarn, text);
}

}  // namespace watch
