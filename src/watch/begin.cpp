// How a target comes to be known: attaching, finding out how its memory is read. All of it in the
// target's own thread.
#include <unistd.h>

#include <algorithm>
#include <condition_variable>
#include <utility>

#include "base/clock.h"
#include "base/log.h"
#include "memory/process_memory.h"
#include "probe/members_of_probe.h"
#include "probe/site_check.h"
#include "state/runtimes/libuv.h"
#include "target/memory_map.h"
#include "target/process_stat.h"
#include "watch/loop_fields.h"
#include "watch/planting.h"
#include "watch/recognition.h"
#include "watch/sources.h"
#include "watch/watched.h"

namespace watch {
namespace {

using base::Result;
using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds kFirstReading{200};
constexpr std::chrono::seconds kOldVersions{5};
// Who has just begun loads its libraries and fills its memory in some milliseconds.
constexpr std::chrono::seconds kYoung{1};
constexpr std::chrono::milliseconds kFilling{200};
constexpr std::chrono::milliseconds kLookAgain{10};
constexpr unsigned kMaxBackoff = 6;  // 64 s

void pause(const std::stop_token& stop, std::chrono::milliseconds time) {
  std::mutex mutex;
  std::condition_variable_any never;
  std::unique_lock lock(mutex);
  never.wait_for(lock, stop, time, [] { return false; });
}

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
    base::log_error("watch pid {}: {}", pid(), thread.error().message);
    next_begin_ = Clock::now() + std::chrono::seconds(1);
  }
}

void Watched::run(const std::stop_token& stop) {
  bool is_whole_already = false;
  {
    const std::lock_guard lock(mutex_);
    is_whole_already = begins_ > 0 && failed_.none() && !could_not_look_;
  }
  look_again();
  if (!is_whole_already) attach(stop);
  if (!is_decided() && !stop.stop_requested()) decide(stop);
  const std::lock_guard lock(mutex_);
  if (has_been_ended_ || is_stale_) return;
  const bool is_whole = failed_.none() && !could_not_look_;
  ++begins_;
  next_begin_ =
      Clock::now() + (is_whole ? until_next_look(begins_)
                               : std::chrono::seconds(1U << std::min(begins_ - 1, kMaxBackoff)));
}

void Watched::attach(const std::stop_token& stop) {
  const target::Executable& executable = identity_.program->executable;
  {
    const std::lock_guard lock(mutex_);
    could_not_look_ = true;
  }
  if (!surroundings_->detacher.wait_for_old_versions(executable.version, stop,
                                                     Clock::now() + kOldVersions)) {
    return tell_once(fmt::format(
        "not attaching to pid {} yet: probes of an older version of {} are still being taken out",
        pid(), executable.path));
  }
  const auto version_now = target::version_of(executable);
  if (version_now && *version_now != executable.version) {
    const std::lock_guard lock(mutex_);
    is_stale_ = true;
    return;
  }
  auto sites = find_sites();
  if (!sites) {
    return tell_once(fmt::format("not probing pid {}: {}", pid(), sites.error().message));
  }
  {
    const std::lock_guard lock(mutex_);
    could_not_look_ = false;
    const probe::ProbeSet done = attached_.probes | lost_;
    std::erase_if(*sites,
                  [&](const probe::Site& site) { return done.test(*site.probe->hit_slot); });
  }
  if (!sites->empty()) attach_sites(std::move(*sites));
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
  const auto means = program.sites.empty() ? probe::Means::kFunctions : probe::Means::kSites;
  std::vector<probe::AttachFailure> failures;
  auto attachment = probe::Attachment::attach(surroundings_->programs,
                                              {program.executable.fd.get(), pid(), identity_.slot},
                                              means, sites, failures);
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
  failed_.reset();
  lost_ |= lost;
  for (const probe::AttachFailure& failure : failures) failed_.set(*failure.probe->hit_slot);
  attached_.means = means;
  attached_.probes |= attachment.attached().probes;
  sites_.insert(sites_.end(), sites.begin(), sites.end());
  attachments_.push_back(std::move(attachment));
  if (!is_decided_) return;
  std::vector<model::Member> state_members;
  if (state_) state_members = state_->members();
  // What is told already keeps its source.
  for (const model::FamilySource& chosen :
       choose_sources(state_members, probe::members_of(attached_))) {
    const bool is_told = std::any_of(sources_.begin(), sources_.end(), [&](const auto& told) {
      return told.family == chosen.family;
    });
    if (!is_told) sources_.push_back(chosen);
  }
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

void Watched::decide(const std::stop_token& stop) {
  auto state = open_state(stop);
  if (stop.stop_requested()) return;
  const std::lock_guard lock(mutex_);
  if (has_been_ended_) return;
  if (state == nullptr && attached_.probes.none()) {
    base::log_error("pid {} tells nothing: neither probes, functions nor memory (doctor --pid {})",
                    pid(), pid());
  }
  std::vector<model::Member> state_members;
  if (state) state_members = state->members();
  state_ = std::move(state);
  sources_ = choose_sources(state_members, probe::members_of(attached_));
  is_decided_ = true;
}

// Where it can't be read at all, the probes tell what they know. What hangs may come back.
std::shared_ptr<StateSource> Watched::open_state(const std::stop_token& stop) {
  auto found = surroundings_->layouts.find(*identity_.program, layout::kResolveTime, stop);
  if (!found) {
    tell_once(fmt::format("not reading the memory of pid {}: {} (doctor --pid {} tells what to do)",
                          pid(), found.error().message, pid()));
    return nullptr;
  }
  auto opened = open_when_loaded(std::move(*found), stop);
  if (!opened) {
    tell_once(fmt::format("not reading the memory of pid {}: {}", pid(), opened.error().message));
    return nullptr;
  }
  std::shared_ptr<StateSource> state = std::move(*opened);
  const auto filled_by = Clock::now() + (is_young() ? kFilling : std::chrono::milliseconds(0));
  StateReading first = state->read(kFirstReading);
  while (!first.readings && !state->hangs() && !stop.stop_requested() && Clock::now() < filled_by) {
    pause(stop, kLookAgain);
    first = state->read(kFirstReading);
  }
  if (!first.readings) tell_once(first.readings.error().message);
  if (!first.readings && !state->hangs()) return nullptr;
  base::log_info("reading the memory of pid {} by the layout {} from {}", pid(),
                 state->layout_name(), state->layout_origin());
  return state;
}

// A library that is not there yet may come.
Result<std::unique_ptr<StateSource>> Watched::open_when_loaded(layout::FoundLayout found,
                                                               const std::stop_token& stop) {
  const target::Program& program = *identity_.program;
  const std::string& proc_root = surroundings_->proc_root;
  const auto young_until = Clock::now() + kYoung;
  const bool may_load = is_young();
  while (may_load && state::lacks_libuv_fields(found.layout) && !stop.stop_requested() &&
         Clock::now() < young_until) {
    const auto mappings = target::read_maps(proc_root, pid());
    if (!mappings || check_libuv_of(proc_root, pid(), program, *mappings)) break;
    pause(stop, kLookAgain);
  }
  return StateSource::open(proc_root, pid(), program, std::move(found));
}

// A later image of a process is as new as a new process.
bool Watched::is_young() const {
  return identity_.generation > 0 ||
         target::is_younger_than(surroundings_->proc_root, identity_.process.id, kYoung);
}

void Watched::tell_once(const std::string& text) {
  {
    const std::lock_guard lock(mutex_);
    if (!told_.insert(text).second) return;
  }
  base::log_warn("{}", text);
}

}  // namespace watch
