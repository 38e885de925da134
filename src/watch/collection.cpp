// What is read of those who are watched. How watching begins: collector.cpp.
#include <sys/prctl.h>
#include <unistd.h>

#include <algorithm>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <utility>

#include "base/clock.h"
#include "base/log.h"
#include "privilege/privilege.h"
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
constexpr std::chrono::milliseconds kAuditTime{50};
constexpr std::chrono::seconds kAudit{1};

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

bool is_wanted(const Watched& target, const model::Wanted& wanted) {
  return wanted.targets != model::Wanted::Targets::kNamed ||
         target.identity().name == wanted.process;
}

probe::AttachedBySlot attached_by_slot(const Targets& targets) {
  probe::AttachedBySlot attached;
  for (const auto& target : targets.watched) {
    if (const auto view = target->view()) attached.at(target->identity().slot) = view->attached;
  }
  return attached;
}

// The one watched process after its end, also where that was just now and nobody has taken it off
// the list yet; and until it is known what a new image of it tells.
std::optional<model::TargetMetrics> ended_one(const Targets& targets) {
  if (targets.ended) return targets.ended;
  if (targets.watched.size() != 1 || !targets.watched.front()->has_ended()) return std::nullopt;
  if (!targets.watched.front()->identity().name.empty()) return std::nullopt;
  return describe(targets.watched.front()->identity());
}

}  // namespace

model::TargetMetrics describe(const Identity& identity) {
  model::TargetMetrics metrics;
  metrics.process = identity.name;
  metrics.id = identity.process.id;
  metrics.attached_unix_ns = identity.since_unix_ns;
  const target::Program& program = *identity.program;
  metrics.identity = {program.executable.path, identity.script, program.build_id, {}};
  return metrics;
}

// Who is not decided is not shown yet; who has ended is taken off the list at any moment.
std::vector<Collector::Asked> Collector::ask(const Targets& targets, const model::Wanted& wanted) {
  std::vector<Asked> asked;
  for (const auto& target : targets.watched) {
    if (wanted.targets == model::Wanted::Targets::kFirst && !asked.empty()) break;
    if (!is_wanted(*target, wanted)) continue;
    auto view = target->view();
    if (!view || target->has_ended()) continue;
    Asked& one = asked.emplace_back(Asked{target, std::move(*view), 0, std::nullopt});
    if (one.view.state) one.ticket = one.view.state->request();
  }
  return asked;
}

// All at once, since one may hang. A pid says nothing of who it is: what was read counts only if
// the process is still the one that we watch, running what we looked at.
void Collector::take_readings(std::vector<Asked>& asked, Clock::time_point deadline) {
  deadline = std::min(deadline, Clock::now() + kStateTime);
  for (Asked& one : asked) {
    if (!one.view.state) continue;
    one.reading = one.view.state->wait(one.ticket, deadline);
    if (one.target->has_ended()) {
      one.reading->readings =
          fail("read the memory of pid {}: it has ended meanwhile", one.target->pid());
    }
    if (!one.reading->readings) base::log_debug("{}", one.reading->readings.error().message);
  }
}

Result<model::Snapshot> Collector::collect(Clock::time_point deadline,
                                           const model::Wanted& wanted) {
  const std::shared_ptr<const Targets> targets = list_.get();
  std::vector<Asked> asked = ask(*targets, wanted);
  take_readings(asked, deadline);
  const std::uint64_t begin_ns = base::monotonic_ns();
  probe::AttachedBySlot attached;
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
  if (asked.empty() && wanted.targets != model::Wanted::Targets::kNamed) {
    if (auto ended = ended_one(*targets)) snapshot.targets.push_back(std::move(*ended));
  }
  return snapshot;
}

model::ExporterStatus Collector::exporter_status(const probe::AttachedBySlot& attached,
                                                 const Targets& targets) const {
  probe::ProbeSet attached_anywhere;
  for (const probe::Attached& any : attached) attached_anywhere |= any.probes;
  model::ExporterStatus status;
  status.version = config_.version;
  status.probes = probe::read_probe_status(surroundings_->programs, attached_anywhere);
  status.lost_events = probe::read_losses(surroundings_->programs);
  status.missed_events = missed_events(targets);
  status.log_lines_dropped = base::dropped_log_lines();
  status.process_metrics = target::read_process_metrics(config_.proc_root, ::getpid());
  status.process_metrics.start_unix_ns = own_start_unix_ns_;
  return status;
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
  if (probes != nullptr) leave_silent_out(*probes, view.audit);
  merge(metrics, probes != nullptr ? std::move(*probes) : probe::Readings{},
        std::move(state_readings));
  return metrics;
}

std::optional<std::string> Collector::unready() const {
  const auto targets = list_.get();
  if (targets->watched.empty() && !targets->ended) return "no process is watched";
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

void Collector::audit_until_stopped(const std::stop_token& stop) {
  ::prctl(PR_SET_NAME, "auditor");
  // Refused: then it has what it needs and more.
  (void)privilege::keep_only(privilege::Task::kNothing);
  std::mutex mutex;
  std::condition_variable_any wake;
  std::unique_lock lock(mutex);
  while (!wake.wait_for(lock, stop, kAudit, [&] { return stop.stop_requested(); })) {
    try {
      audit();
    } catch (const std::exception& error) {
      base::log_error("compare what probes told with what was counted: {}", error.what());
    }
  }
}

void Collector::audit() {
  const auto targets = list_.get();
  const probe::AttachedBySlot attached = attached_by_slot(*targets);
  std::vector<Asked> asked = ask(*targets, {});
  std::erase_if(asked, [](const Asked& one) { return one.view.state == nullptr; });
  if (asked.empty()) return;
  const bool any_begins = std::any_of(
      asked.begin(), asked.end(), [](const Asked& one) { return one.view.audit.waits_to_begin(); });
  const auto before = any_begins ? probe::read_slots(surroundings_->programs, attached)
                                 : Result<std::vector<probe::Readings>>();
  if (any_begins) {  // the probes were to be read before: asked for again
    for (Asked& one : asked) one.ticket = one.view.state->request();
  }
  take_readings(asked, Clock::now() + kAuditTime);
  const auto after = probe::read_slots(surroundings_->programs, attached);
  if (!before || !after) return;
  for (const Asked& one : asked) {
    if (!one.reading || !one.reading->readings) continue;
    const std::uint32_t slot = one.target->identity().slot;
    const auto probes_before = any_begins ? before->at(slot).events : model::EventCounts{};
    one.target->compare(probes_before, one.reading->readings->events, after->at(slot).events);
  }
}

}  // namespace watch
