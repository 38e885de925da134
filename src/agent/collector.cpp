#include "agent/collector.h"

#include <spdlog/spdlog.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

#include "agent/inspection.h"
#include "agent/merge.h"
#include "agent/sources.h"
#include "base/clock.h"
#include "probe/site_check.h"
#include "target/process_metrics.h"

namespace agent {
namespace {

using base::fail;
using base::Result;

// Memory is read in microseconds, or something is wrong.
constexpr std::chrono::milliseconds kStateTime{500};

Result<void> check_executable(Result<target::Executable> executable, const Layouts& layouts) {
  if (!executable) return tl::make_unexpected(executable.error());
  const auto sites = require_probe_sites(*executable);
  if (!sites) return tl::make_unexpected(sites.error());
  const std::string path = executable->path;
  const auto program = target::read_program(std::move(*executable), probe::kProvider);
  if (!program) return tl::make_unexpected(program.error());
  return layouts.check_given(program->build_id, path);
}

std::optional<int> pid_of(const target::Selection& selection) {
  const auto* one = std::get_if<target::OneProcess>(&selection);
  return one != nullptr ? std::optional(one->pid) : std::nullopt;
}

}  // namespace

Result<void> check_selection(const Config& config) {
  const auto layouts = Layouts::open(config.layouts);
  if (!layouts) return tl::make_unexpected(layouts.error());
  if (const auto pid = pid_of(config.selection)) {
    if (const auto process = target::identify(config.proc_root, *pid); !process) {
      return tl::make_unexpected(process.error());
    }
    return check_executable(target::open_executable_of(config.proc_root, *pid), *layouts);
  }
  if (const auto* by_executable = std::get_if<target::ByExecutable>(&config.selection)) {
    return check_executable(target::open_executable(by_executable->path), *layouts);
  }
  return {};
}

Collector::Collector(const Config& config, probe::Programs programs, Layouts layouts)
    : version_(config.version),
      proc_root_(config.proc_root),
      one_pid_(pid_of(config.selection)),
      layouts_(std::move(layouts)),
      programs_(std::move(programs)),
      watcher_(config.proc_root, config.selection, std::string(probe::kProvider),
               one_pid_ ? 1 : VALK_MAX_TARGETS) {}

Result<std::unique_ptr<Collector>> Collector::start(const Config& config) {
  const auto filter =
      pid_of(config.selection) ? probe::Filter::kOneProcess : probe::Filter::kByTargetMap;
  auto programs = probe::Programs::load(config.groups, filter);
  if (!programs) return tl::make_unexpected(programs.error());
  auto layouts = Layouts::open(config.layouts);
  if (!layouts) return tl::make_unexpected(layouts.error());
  std::unique_ptr<Collector> collector(
      new Collector(config, std::move(*programs), std::move(*layouts)));
  if (!collector->one_pid_) {
    collector->find_processes();
    collector->decide_all();
    return collector;
  }
  const target::Changes changes = collector->watcher_.look();
  if (changes.came.empty()) return fail("watch pid {}: it has ended", *collector->one_pid_);
  if (auto begun = collector->begin(changes.came.front()); !begun) {
    return tl::make_unexpected(begun.error());
  }
  // Attaching goes by pid: the pid must have been the same process all the while.
  if (!collector->watcher_.look_for_ended().went.empty()) {
    return fail("watch pid {}: it ended while probes were attached", *collector->one_pid_);
  }
  collector->decide_all();
  return collector;
}

void Collector::look() {
  find_processes();
  decide_all();
  audit_all();
}

void Collector::find_processes() {
  Retired retired;
  const std::lock_guard lock(mutex_);
  retire_after_exec();
  retired = handle(watcher_.look());
  for (const target::Target& target : watcher_.targets()) {
    if (!begun_.contains(target.slot)) begin_or_log(target);
  }
}

void Collector::retire_after_exec() {
  const std::vector<target::Target> targets = watcher_.targets();
  for (const target::Target& target : targets) {
    if (programs_.execs_of(target.slot) != 0) watcher_.retire(target.process.id);
  }
}

Collector::Retired Collector::handle(target::Changes changes) {
  Retired retired;
  for (target::Target& target : changes.went) end(std::move(target));
  // A link by pid dies with the image that it was made for.
  if (one_pid_ && !changes.went.empty()) {
    for (auto& [key, attachment] : attachments_) retired.push_back(std::move(attachment));
    attachments_.clear();
  }
  for (const target::Target& target : changes.came) begin_or_log(target);
  for (auto& attachment : take_unused_attachments()) retired.push_back(std::move(attachment));
  if (changes.no_room > no_room_) {
    spdlog::warn("{} more processes have probes, but at most {} are watched", changes.no_room,
                 VALK_MAX_TARGETS);
  }
  no_room_ = changes.no_room;
  return retired;
}

void Collector::end(target::Target target) {
  spdlog::info("pid {} ({}) has ended or runs another image", target.process.id.pid,
               target.process.comm);
  programs_.forget(target.slot);
  begun_.erase(target.slot);
  if (const auto decided = decisions_.find(target.slot); decided != decisions_.end()) {
    add(missed_by_ended_, decided->second.audit.missed());
    decisions_.erase(decided);
  }
  failures_.erase(target.slot);
  if (one_pid_) ended_ = {std::move(target)};
}

void Collector::begin_or_log(const target::Target& target) {
  auto begun = begin(target);
  if (begun) {
    failures_.erase(target.slot);
    return;
  }
  std::string& told = failures_[target.slot];
  if (told != begun.error().message) spdlog::error("{}", begun.error().message);
  told = begun.error().message;
}

// Watch first, attach second: the first hit finds its slot.
Result<void> Collector::begin(const target::Target& target) {
  const int pid = target.process.id.pid;
  if (auto watched = programs_.watch(target.slot, pid); !watched) return watched;
  if (attachment_of(target) == nullptr) {
    if (auto attached = attach_to(target); !attached) {
      return fail("watch pid {} ({}): {}", pid, target.program->executable.path,
                  attached.error().message);
    }
  }
  begun_.insert(target.slot);
  spdlog::info("watching pid {} ({})", pid, target.process.comm);
  return {};
}

Result<void> Collector::attach_to(const target::Target& target) {
  const target::Executable& executable = target.program->executable;
  const probe::SiteCheck check = probe::check_sites(target.program->sites);
  for (const probe::RefusedSite& refused : check.refused) {
    spdlog::warn("not attaching {}: {}; build it with <valkyria/probes.h> as it is", refused.probe,
                 refused.reason);
  }
  auto attachment = probe::Attachment::attach(programs_, executable.fd.get(), check, one_pid_);
  if (!attachment) return tl::make_unexpected(attachment.error());
  if (attachment->attached().none()) return fail("none of the chosen probes can be attached");
  attachments_.emplace(ExecutableKey{executable.device, executable.inode}, std::move(*attachment));
  return {};
}

Collector::Retired Collector::take_unused_attachments() {
  const auto is_used = [&](const probe::Attachment& attachment) {
    return std::any_of(
        watcher_.targets().begin(), watcher_.targets().end(),
        [&](const target::Target& target) { return attachment_of(target) == &attachment; });
  };
  Retired unused;
  for (auto entry = attachments_.begin(); entry != attachments_.end();) {
    if (is_used(entry->second)) {
      ++entry;
    } else {
      unused.push_back(std::move(entry->second));
      entry = attachments_.erase(entry);
    }
  }
  return unused;
}

const probe::Attachment* Collector::attachment_of(const target::Target& target) const {
  const target::Executable& executable = target.program->executable;
  const auto found = attachments_.find({executable.device, executable.inode});
  return found == attachments_.end() ? nullptr : &found->second;
}

// Finding a layout can take long, so nobody waits for it: until then, the target is not shown.
void Collector::decide_all() {
  std::vector<target::Target> undecided;
  {
    const std::lock_guard lock(mutex_);
    for (const target::Target& target : watcher_.targets()) {
      const bool begun = begun_.contains(target.slot);
      if (begun && !decisions_.contains(target.slot)) undecided.push_back(target);
    }
  }
  for (const target::Target& target : undecided) {
    Decision decision{open_state(target), {}, {}};
    const std::lock_guard lock(mutex_);
    const auto* const attachment = attachment_of(target);
    const auto& targets = watcher_.targets();
    const bool is_there = std::any_of(targets.begin(), targets.end(), [&](const auto& other) {
      return other.slot == target.slot && other.process.id == target.process.id;
    });
    if (!is_there || attachment == nullptr || !begun_.contains(target.slot)) continue;
    std::vector<std::string_view> state_families;
    if (decision.state) state_families = decision.state->families();
    decision.sources = choose_sources(state_families, attachment->attached());
    decisions_.insert_or_assign(target.slot, std::move(decision));
    ended_.clear();
  }
}

std::unique_ptr<StateSource> Collector::open_state(const target::Target& target) {
  const int pid = target.process.id.pid;
  auto found = layouts_.find(*target.program);
  if (!found) {
    spdlog::warn("not reading the memory of pid {}: {} (doctor --pid {} tells what to do)", pid,
                 found.error().message, pid);
    return nullptr;
  }
  auto state = StateSource::open(proc_root_, pid, *target.program, std::move(*found));
  if (!state) {
    spdlog::warn("not reading the memory of pid {}: {}", pid, state.error().message);
    return nullptr;
  }
  spdlog::info("reading the memory of pid {} by the layout {} from {}", pid,
               (*state)->layout_name(), (*state)->layout_origin());
  return std::move(*state);
}

// All at once, since one may hang. A pid says nothing of who it is: what was read counts only if
// the process is still the one that we watch, running what we looked at.
Collector::StateReadings Collector::read_states(std::chrono::steady_clock::time_point deadline) {
  deadline = std::min(deadline, std::chrono::steady_clock::now() + kStateTime);
  for (auto& [slot, decision] : decisions_) {
    if (decision.state) decision.state->request();
  }
  StateReadings readings;
  for (auto& [slot, decision] : decisions_) {
    if (decision.state) readings.emplace(slot, decision.state->wait(deadline));
  }
  for (const target::Target& target : watcher_.targets()) {
    const auto reading = readings.find(target.slot);
    if (reading == readings.end()) continue;
    if (!target::is_running(proc_root_, target.process.id) ||
        programs_.execs_of(target.slot) != 0) {
      reading->second.readings =
          fail("read the memory of pid {}: it has ended meanwhile", target.process.id.pid);
    }
    if (!reading->second.readings) spdlog::debug("{}", reading->second.readings.error().message);
  }
  return readings;
}

void Collector::audit_all() {
  const std::lock_guard lock(mutex_);
  const bool any_new = std::any_of(decisions_.begin(), decisions_.end(), [](const auto& entry) {
    return entry.second.state && entry.second.audit.is_new();
  });
  const probe::AttachedBySlot attached = attached_by_slot();
  const auto before =
      any_new ? probe::read_slots(programs_, attached) : Result<std::vector<probe::Readings>>();
  const StateReadings states = read_states(std::chrono::steady_clock::now() + kStateTime);
  const auto after = probe::read_slots(programs_, attached);
  if (!before || !after) return;
  for (const auto& [slot, reading] : states) {
    if (!reading.readings) continue;
    Audit& audit = decisions_.at(slot).audit;
    const EventCounts runtime = state::event_counts(*reading.readings);
    if (audit.is_new()) {
      audit.begin(runtime, before->at(slot).events);
    } else {
      audit.compare(runtime, after->at(slot).events);
    }
  }
}

Result<model::Snapshot> Collector::collect(std::chrono::steady_clock::time_point deadline) {
  Retired retired;
  const std::unique_lock lock(mutex_, deadline);
  if (!lock) return fail("collect: not possible before the deadline of the scrape");
  retired = handle(watcher_.look_for_ended());
  const probe::AttachedBySlot attached = attached_by_slot();
  StateReadings states = read_states(deadline);
  const std::uint64_t begin_ns = base::monotonic_ns();
  auto slots = probe::read_slots(programs_, attached);
  if (!slots) spdlog::error("{}", slots.error().message);
  probe::ProbeSet attached_anywhere;
  for (const probe::ProbeSet& set : attached) attached_anywhere |= set;

  model::Snapshot snapshot;
  snapshot.taken_unix_ns = base::unix_ns();
  snapshot.exporter.version = version_;
  snapshot.exporter.probes = probe::read_probe_status(programs_, attached_anywhere);
  snapshot.exporter.lost_events = probe::read_losses(programs_);
  snapshot.exporter.missed_events = missed_events();
  snapshot.exporter.collectors.push_back(
      {"probes", base::monotonic_ns() - begin_ns, slots.has_value()});
  snapshot.exporter.process_metrics = target::read_process_metrics(proc_root_, ::getpid());
  for (const target::Target& target : watcher_.targets()) {
    if (begun_.contains(target.slot) && !decisions_.contains(target.slot)) continue;
    probe::Readings* const probes = slots ? &slots->at(target.slot) : nullptr;
    snapshot.targets.push_back(metrics_of(target, probes, states));
  }
  for (const target::Target& target : ended_) snapshot.targets.push_back(describe(target));
  return snapshot;
}

model::TargetMetrics Collector::metrics_of(const target::Target& target, probe::Readings* probes,
                                           StateReadings& states) const {
  model::TargetMetrics metrics = describe(target);
  metrics.process_metrics = target::read_process_metrics(proc_root_, target.process.id.pid);
  const auto decided = decisions_.find(target.slot);
  metrics.up = decided != decisions_.end();
  if (!metrics.up) return metrics;
  metrics.sources = decided->second.sources;
  state::Readings state_readings;
  if (const auto state = states.find(target.slot); state != states.end()) {
    const bool success = state->second.readings.has_value();
    metrics.identity.layout = decided->second.state->layout_name();
    metrics.collectors.push_back({"state", state->second.duration_ns, success});
    if (success) state_readings = std::move(*state->second.readings);
  }
  merge(metrics, probes != nullptr ? std::move(*probes) : probe::Readings{},
        std::move(state_readings));
  return metrics;
}

// A target without any numbers: all that is known of one that has ended.
model::TargetMetrics Collector::describe(const target::Target& target) const {
  model::TargetMetrics metrics;
  metrics.process = target.name;
  metrics.id = target.process.id;
  metrics.attached_unix_ns = target.since_unix_ns;
  metrics.identity = {target.program->executable.path, target.script, target.program->build_id, {}};
  return metrics;
}

std::vector<model::MissedCount> Collector::missed_events() const {
  EventCounts sum = missed_by_ended_;
  for (const auto& [slot, decision] : decisions_) add(sum, decision.audit.missed());
  std::vector<model::MissedCount> missed;
  const auto append = [&](const char* event, const model::Count& count) {
    if (count) missed.push_back({event, *count});
  };
  append("gc_cycle", sum.gc_cycles);
  append("request", sum.requests);
  append("connection", sum.connections);
  return missed;
}

probe::AttachedBySlot Collector::attached_by_slot() const {
  probe::AttachedBySlot attached;
  for (const target::Target& target : watcher_.targets()) {
    const auto* attachment = attachment_of(target);
    if (attachment != nullptr && begun_.contains(target.slot)) {
      attached.at(target.slot) = attachment->attached();
    }
  }
  return attached;
}

}  // namespace agent
