// What is read of those who are watched. Who that is: collector.cpp.
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <algorithm>
#include <exception>
#include <utility>

#include "base/clock.h"
#include "probe/members_of_probe.h"
#include "target/process_metrics.h"
#include "watch/collector.h"
#include "watch/merge.h"
#include "watch/sources.h"

namespace watch {
namespace {

using base::fail;
using base::Result;

// Memory is read in microseconds, or something is wrong.
constexpr std::chrono::milliseconds kStateTime{200};
constexpr std::chrono::milliseconds kAuditTime{50};  // who scrapes meanwhile waits as long

// What is told by a probe that never fires, though the runtime counts what it should tell, is not 0
// but unknown.
void leave_silent_out(probe::Readings& probes, const Audit& audit) {
  const bool connections = audit.is_silent(&EventCounts::connections);
  const bool requests = audit.is_silent(&EventCounts::requests);
  // Requests tell of connections that change between these two.
  const auto is_between = [](model::ConnectionState state) {
    return state == model::ConnectionState::kActive || state == model::ConnectionState::kIdle;
  };
  if (audit.is_silent(&EventCounts::gc_cycles)) probes.gc = {};
  for (model::SystemMetrics& system : probes.systems) {
    std::erase_if(system.transitions, [&](const model::ConnectionTransition& transition) {
      return connections || (requests && is_between(transition.from) && is_between(transition.to));
    });
    std::erase_if(system.state_durations, [&](const model::ConnectionStateDuration& duration) {
      return connections || (requests && is_between(duration.state));
    });
  }
}

}  // namespace

std::vector<target::Target> Collector::undecided() const {
  std::vector<target::Target> targets;
  for (const target::Target& target : watcher_.targets()) {
    const bool begun = begun_.contains(target.slot);
    if (begun && !decisions_.contains(target.slot)) targets.push_back(target);
  }
  return targets;
}

void Collector::decide_until_stopped(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, stop, [&] { return !undecided().empty(); });
    }
    if (!stop.stop_requested()) decide_all(layout::kResolveTime, stop);
  }
}

// Finding a layout can take long, so nobody waits for it: until then, the target is not shown.
void Collector::decide_all(std::chrono::milliseconds max_time, const std::stop_token& stop) {
  std::vector<target::Target> targets;
  {
    const std::lock_guard lock(mutex_);
    targets = undecided();
  }
  for (const target::Target& target : targets) {
    const auto begun = std::chrono::steady_clock::now();
    auto state = open_state(target, max_time, stop);
    if (stop.stop_requested()) return;
    const bool was_cut_short = max_time < layout::kResolveTime && state == nullptr &&
                               std::chrono::steady_clock::now() - begun >= max_time;
    if (!was_cut_short) decide(target, std::move(state));
  }
}

void Collector::decide(const target::Target& target, std::unique_ptr<StateSource> state) {
  Decision decision{std::move(state), {}, {}};
  const std::lock_guard lock(mutex_);
  if (!is_watched(target) || !begun_.contains(target.slot)) return;
  std::vector<model::Member> state_members;
  if (decision.state) state_members = decision.state->members();
  const probe::Attached attached = attached_to(target);
  if (decision.state == nullptr && attached.probes.none()) {
    spdlog::error("pid {} tells nothing: neither probes, functions nor memory (doctor --pid {})",
                  target.process.id.pid, target.process.id.pid);
  }
  decision.sources = choose_sources(state_members, probe::members_of(attached));
  decisions_.insert_or_assign(target.slot, std::move(decision));
  ended_.clear();
}

std::unique_ptr<StateSource> Collector::open_state(const target::Target& target,
                                                   std::chrono::milliseconds max_time,
                                                   const std::stop_token& stop) try {
  const int pid = target.process.id.pid;
  auto found = layouts_.find(*target.program, max_time, stop);
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
  // Where it can't be read at all, the probes tell what they know. What hangs may come back.
  (*state)->request();
  const StateReading first = (*state)->wait(std::chrono::steady_clock::now() + kStateTime);
  if (!first.readings) spdlog::warn("{}", first.readings.error().message);
  if (!first.readings && !(*state)->hangs()) return nullptr;
  spdlog::info("reading the memory of pid {} by the layout {} from {}", pid,
               (*state)->layout_name(), (*state)->layout_origin());
  return std::move(*state);
} catch (const std::exception& error) {
  // Memory is short, say: then this target does without, and the others go on.
  spdlog::error("find out how to read the memory of pid {}: {}", target.process.id.pid,
                error.what());
  return nullptr;
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
  const bool any_begins = std::any_of(decisions_.begin(), decisions_.end(), [](const auto& entry) {
    return entry.second.state && entry.second.audit.waits_to_begin();
  });
  const probe::AttachedBySlot attached = attached_by_slot();
  const auto before =
      any_begins ? probe::read_slots(programs_, attached) : Result<std::vector<probe::Readings>>();
  const StateReadings states = read_states(std::chrono::steady_clock::now() + kAuditTime);
  const auto after = probe::read_slots(programs_, attached);
  if (!before || !after) return;
  for (const auto& [slot, reading] : states) {
    if (!reading.readings) continue;
    const EventCounts probes_before = any_begins ? before->at(slot).events : EventCounts{};
    decisions_.at(slot).audit.compare(probes_before, reading.readings->events,
                                      after->at(slot).events);
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
  for (const probe::Attached& any : attached) attached_anywhere |= any.probes;

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
  metrics.up = decided != decisions_.end() &&
               (decided->second.state != nullptr || attached_to(target).probes.any());
  if (!metrics.up) return metrics;
  metrics.sources = decided->second.sources;
  state::Readings state_readings;
  if (const auto state = states.find(target.slot); state != states.end()) {
    const bool success = state->second.readings.has_value();
    metrics.identity.layout = decided->second.state->layout_name();
    metrics.collectors.push_back({"state", state->second.duration_ns, success});
    if (success) state_readings = std::move(*state->second.readings);
  }
  if (probes != nullptr) leave_silent_out(*probes, decided->second.audit);
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
    if (begun_.contains(target.slot)) attached.at(target.slot) = attached_to(target);
  }
  return attached;
}

}  // namespace watch
