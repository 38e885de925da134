// What is read of those who are watched. How watching begins: collector.cpp.
#include <unistd.h>

#include <algorithm>
#include <string>
#include <unordered_set>
#include <utility>

#include "base/clock.h"
#include "base/log.h"
#include "model/derived.h"
#include "target/process_metrics.h"
#include "watch/collector.h"
#include "watch/merge.h"

namespace watch {
namespace {

using base::fail;
using base::Result;
using Clock = std::chrono::steady_clock;

// Memory is read in microseconds, or something is wrong.
constexpr std::chrono::milliseconds kStateTime{200};

// But for names: all that they tell comes from requests, or from overloads, which memory has.
void leave_requests_out(probe::Readings& probes) {
  probes.servers.clear();
  probes.untouched_server = {};
  const auto leave_out = [](model::SystemMetrics& system) {
    system.request_duration_ns.reset();
    system.request_bytes_sent.reset();
    system.request_bytes_received.reset();
  };
  for (model::SystemMetrics& system : probes.systems) leave_out(system);
  leave_out(probes.untouched_system);
  std::erase_if(probes.evals, [](const model::EvalMetrics& eval) {
    return eval.kind == model::EvalKind::kRequest;
  });
}

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
  const auto leave_out = [&](model::SystemMetrics& system) {
    std::erase_if(system.transitions, [&](const model::ConnectionTransition& transition) {
      return connections || (requests && is_between(transition.from) && is_between(transition.to));
    });
    std::erase_if(system.state_durations, [&](const model::ConnectionStateDuration& duration) {
      return connections || (requests && is_between(duration.state));
    });
  };
  for (model::SystemMetrics& system : probes.systems) leave_out(system);
  leave_out(probes.untouched_system);
  if (requests) leave_requests_out(probes);
}

// Those who have ended, also where that was just now and nobody has taken them off the list yet:
// whose name nobody has who is shown.
void append_ended(model::Snapshot& snapshot, const Targets& targets, const model::Wanted& wanted) {
  std::unordered_set<std::string> shown;
  for (const auto& target : snapshot.targets) shown.insert(target.process);
  const auto append = [&](const model::TargetMetrics& target) {
    const bool is_enough = wanted.targets == model::Wanted::Targets::kFirst && !shown.empty();
    if (is_enough || !wanted.includes(target.process)) return;
    if (shown.insert(target.process).second) snapshot.targets.push_back(target);
  };
  const auto now = Clock::now();
  for (const auto& target : targets.watched) {
    if (target->has_ended()) append(describe_ended(target->identity()));
  }
  for (const Ended& ended : targets.ended) {
    if (ended.shown_until > now) append(ended.target);
  }
}

}  // namespace

// Of whom nothing can be told is counted where he belongs, though he holds a place: what failed may
// succeed later.
std::vector<model::TargetCount> count_targets(const Targets& targets) {
  std::uint64_t watched = 0;
  std::uint64_t refused = targets.refused;
  for (const auto& target : targets.watched) {
    if (target->has_ended()) continue;
    ++(target->problem() ? refused : watched);
  }
  return {{model::kTargetWatched, watched},
          {model::kTargetRefused, refused},
          {model::kTargetNoRoom, targets.no_room}};
}

model::TargetMetrics describe_ended(const Identity& identity) {
  model::TargetMetrics metrics = describe(identity);
  metrics.has_ended = true;
  return metrics;
}

model::TargetMetrics describe(const Identity& identity) {
  model::TargetMetrics metrics;
  metrics.process = identity.name;
  metrics.id = identity.process.id;
  metrics.attached_unix_ns = identity.since_unix_ns;
  const target::Program& program = *identity.program;
  metrics.identity = {program.executable.path,  identity.script,     program.build_id,  {},
                      identity.place.container, identity.place.unit, identity.place.pod};
  return metrics;
}

Result<model::Snapshot> Collector::collect(Clock::time_point deadline,
                                           const model::Wanted& wanted) {
  const std::shared_ptr<const Targets> targets = list_.get();
  std::vector<Asked> asked = ask(*targets, wanted);
  take_readings(asked, std::min(deadline, Clock::now() + kStateTime));
  const std::uint64_t begin_ns = base::monotonic_ns();
  probe::AttachedBySlot attached(surroundings_->programs.max_targets());
  for (const Asked& one : asked) attached.at(one.target->identity().slot) = one.view.attached;
  auto slots = probe::read_slots(surroundings_->programs, attached);
  if (!slots) base::log_error("{}", slots.error().message);

  model::Snapshot snapshot;
  snapshot.taken_unix_ns = base::unix_ns();
  snapshot.exporter = exporter_status(attached_by_slot(*targets), *targets);
  snapshot.exporter.collectors.push_back(
      {"probes", base::monotonic_ns() - begin_ns, slots.has_value()});
  for (Asked& one : asked) {
    probe::Readings* const probes = slots ? &slots->at(one.target->identity().slot) : nullptr;
    snapshot.targets.push_back(metrics_of(one, probes));
  }
  append_ended(snapshot, *targets, wanted);
  return snapshot;
}

model::ExporterStatus Collector::exporter_status(const probe::AttachedBySlot& attached,
                                                 const Targets& targets) const {
  probe::ProbeSet attached_anywhere;
  for (const probe::Attached& any : attached) attached_anywhere |= any.probes;
  model::ExporterStatus status;
  status.version = config_.version;
  status.revision = config_.revision;
  status.selection = target::words_of(config_.selection);
  status.targets = count_targets(targets);
  status.probes = probe::read_probe_status(surroundings_->programs, attached_anywhere);
  status.lost_events = probe::read_losses(surroundings_->programs);
  status.missed_events = missed_events(targets);
  status.log_lines_dropped = base::dropped_log_lines();
  status.process_metrics = target::read_process_metrics(config_.proc_root, ::getpid());
  status.process_metrics.start_unix_ns = own_start_unix_ns_;
  tell_price(status);
  return status;
}

void Collector::tell_price(model::ExporterStatus& status) const {
  const std::uint64_t hit_cost_ns = surroundings_->hit_cost_ns;
  if (hit_cost_ns == 0) return;
  status.hit_cost_ns = hit_cost_ns;
  for (model::ProbeStatus& probe : status.probes) {
    if (const auto hits = model::counted_hits(probe)) probe.overhead_ns = *hits * hit_cost_ns;
  }
}

model::TargetMetrics Collector::metrics_of(Asked& asked, probe::Readings* probes) const {
  const Identity& identity = asked.target->identity();
  const Watched::View& view = asked.view;
  model::TargetMetrics metrics = describe(identity);
  metrics.up = view.state != nullptr || view.attached.probes.any();
  state::Readings state_readings;
  if (asked.reading) {
    const bool success = asked.reading->readings.has_value();
    metrics.identity.layout = view.state->layout_name();
    metrics.collectors.push_back({"state", asked.reading->duration_ns, success});
    if (success) state_readings = std::move(*asked.reading->readings);
    if (asked.reading->process_metrics) metrics.process_metrics = *asked.reading->process_metrics;
  }
  if (!asked.reading || !asked.reading->process_metrics) {
    metrics.process_metrics =
        target::read_process_metrics(config_.proc_root, identity.process.id.pid);
  }
  metrics.process_metrics.start_unix_ns = identity.start_unix_ns;
  if (!metrics.up) return metrics;
  metrics.sources = view.sources;
  metrics.groups = view.groups;
  metrics.overhead_ratio = view.overhead_ratio;
  if (probes != nullptr) leave_silent_out(*probes, view.audit);
  merge(metrics, probes != nullptr ? std::move(*probes) : probe::Readings{},
        std::move(state_readings));
  return metrics;
}

std::optional<std::string> Collector::unready() const {
  const auto targets = list_.get();
  if (targets->watched.empty() && targets->ended.empty()) return "no process is watched";
  for (const auto& target : targets->watched) {
    const auto view = target->view();
    if (!view || target->has_ended()) continue;
    if (view->state != nullptr || view->attached.probes.any()) return std::nullopt;
  }
  return "no watched process is up";
}

std::vector<model::MissedCount> Collector::missed_events(const Targets& targets) const {
  model::EventCounts sum = discovery_->missed_by_ended();
  for (const auto& target : targets.watched) add(sum, target->missed());
  std::vector<model::MissedCount> missed;
  const auto append = [&](const char* event, const model::Count& count) {
    if (count) missed.push_back({event, *count});
  };
  append("gc_cycle", sum.gc_cycles);
  append("request", sum.requests);
  append("connection", sum.connections);
  return missed;
}

}  // namespace watch
