#include "watch/auditor.h"

#include <sys/prctl.h>

#include <algorithm>
#include <condition_variable>
#include <exception>
#include <limits>
#include <mutex>
#include <system_error>
#include <unordered_set>
#include <utility>

#include "base/log.h"
#include "privilege/privilege.h"
#include "probe/readings.h"
#include "target/process_metrics.h"

namespace watch {
namespace {

using base::Result;
using Clock = std::chrono::steady_clock;

constexpr std::chrono::seconds kPeriod{1};
constexpr std::chrono::milliseconds kReadTime{50};

// Where clients' cache is looked up is not counted: its probe is of no use where memory knows it.
model::Count operations_of(const std::vector<model::ClientMetrics>& clients) {
  model::Count sum;
  for (const model::ClientMetrics& client : clients) {
    if (!client.operations) return std::nullopt;
    sum = sum.value_or(0) + *client.operations;
  }
  return sum;
}

// What would hit the group's probes, where memory counts it.
model::Count events_of(probe::Group group, const state::Readings& readings) {
  switch (group) {
    case probe::Group::kHttp:
      return readings.events.requests;
    case probe::Group::kClient:
      return operations_of(readings.clients);
    case probe::Group::kFunction:
      if (!readings.interpreter.function_calls) return std::nullopt;
      return 2 * *readings.interpreter.function_calls;
    case probe::Group::kGc:
    case probe::Group::kEval:
    case probe::Group::kConnection:
    case probe::Group::kLoop:
      return std::nullopt;
  }
  return std::nullopt;
}

void tell(const Watched& target, const Budget::Decision& decision, double max_share) {
  if (decision.detach) {
    target.tell(base::LogLevel::kWarn,
                fmt::format("the probes of group {} are taken out of pid {}: all together cost it "
                            "{:.3g} % of its CPU time, or of one CPU if that is more, above "
                            "--overhead.max {:.3g} %; they come back when that would not be so for "
                            "five minutes",
                            name_of(*decision.detach), target.pid(), 100 * decision.share,
                            100 * max_share));
  }
  if (decision.attach) {
    target.tell(base::LogLevel::kInfo,
                fmt::format("the probes of group {} come back to pid {}: there is room for their "
                            "cost",
                            name_of(*decision.attach), target.pid()));
  }
}

}  // namespace

Auditor::Auditor(Config config, std::shared_ptr<Surroundings> surroundings, const TargetList& list)
    : config_(std::move(config)), surroundings_(std::move(surroundings)), list_(list) {}

Result<std::unique_ptr<Auditor>> Auditor::start(const Config& config,
                                                std::shared_ptr<Surroundings> surroundings,
                                                const TargetList& list) {
  std::unique_ptr<Auditor> auditor(new Auditor(config, std::move(surroundings), list));
  try {
    auditor->thread_ =
        std::jthread([self = auditor.get()](const std::stop_token& stop) { self->run(stop); });
  } catch (const std::system_error& error) {
    return base::fail("start a thread to compare: {}", error.what());
  }
  return auditor;
}

void Auditor::run(const std::stop_token& stop) {
  ::prctl(PR_SET_NAME, "auditor");
  // Refused: then it has what it needs and more.
  (void)privilege::keep_only(privilege::Task::kNothing);
  std::mutex mutex;
  std::condition_variable_any wake;
  std::unique_lock lock(mutex);
  while (!wake.wait_for(lock, stop, kPeriod, [&] { return stop.stop_requested(); })) {
    try {
      look();
    } catch (const std::exception& error) {
      base::log_error("compare what probes told with what was counted: {}", error.what());
    }
  }
}

void Auditor::look() {
  const auto targets = list_.get();
  forget_gone(*targets);
  std::vector<Asked> asked = ask(*targets, {});
  compare(asked, *targets);
  for (const Asked& one : asked) hold_budget(one);
}

void Auditor::compare(std::vector<Asked>& asked, const Targets& targets) {
  const bool any_state = std::any_of(asked.begin(), asked.end(),
                                     [](const Asked& one) { return one.view.state != nullptr; });
  if (!any_state) return;
  const probe::AttachedBySlot attached = attached_by_slot(targets);
  const bool any_begins = std::any_of(asked.begin(), asked.end(), [](const Asked& one) {
    return one.view.state != nullptr && one.view.audit.waits_to_begin();
  });
  const auto before = any_begins ? probe::read_slots(surroundings_->programs, attached)
                                 : Result<std::vector<probe::Readings>>();
  if (any_begins) {  // the probes were to be read before: asked for again
    for (Asked& one : asked) {
      if (one.view.state) one.ticket = one.view.state->request();
    }
  }
  take_readings(asked, Clock::now() + kReadTime);
  const auto after = probe::read_slots(surroundings_->programs, attached);
  if (!before || !after) return;
  for (const Asked& one : asked) {
    if (!one.reading || !one.reading->readings) continue;
    const std::uint32_t slot = one.target->identity().slot;
    const auto probes_before = any_begins ? before->at(slot).events : model::EventCounts{};
    one.target->compare(probes_before, one.reading->readings->events, after->at(slot).events);
  }
}

void Auditor::hold_budget(const Asked& asked) {
  const std::uint64_t hit_cost_ns = surroundings_->hit_cost_ns;
  if (hit_cost_ns == 0) return;
  const double max_share = config_.max_overhead.value_or(std::numeric_limits<double>::infinity());
  Budget& budget = budgets_.try_emplace(asked.target, max_share, hit_cost_ns).first->second;
  const auto observation = observe(asked);
  if (!observation) return;
  const Budget::Decision decision = budget.observe(*observation);
  if (decision.detach) asked.target->hold_off(*decision.detach);
  if (decision.attach) asked.target->let_back(*decision.attach);
  asked.target->tell_overhead(budget.overhead_ratio());
  tell(*asked.target, decision, max_share);
}

// None: the process's CPU time could not be read this time.
std::optional<Budget::Observation> Auditor::observe(const Asked& asked) const {
  const bool is_read = asked.reading && asked.reading->process_metrics;
  const model::ProcessMetrics process =
      is_read ? *asked.reading->process_metrics
              : target::read_process_metrics(config_.proc_root, asked.target->pid());
  const auto* const readings =
      asked.reading && asked.reading->readings ? &*asked.reading->readings : nullptr;
  if (!process.cpu_ns) return std::nullopt;
  Budget::Observation observation{Clock::now(), *process.cpu_ns, {}};
  const auto hits = probe::read_hits(surroundings_->programs, asked.target->identity().slot);
  for (const probe::GroupSpec& spec : probe::groups()) {
    if (!surroundings_->programs.has(spec.group)) continue;
    observation.groups.push_back(
        {spec.group, probe::has_any_of(asked.view.attached.probes, spec.group),
         probe::hits_of_group(hits, spec.group),
         readings == nullptr ? std::nullopt : events_of(spec.group, *readings)});
  }
  return observation;
}

void Auditor::forget_gone(const Targets& targets) {
  std::unordered_set<const Watched*> there;
  for (const auto& target : targets.watched) there.insert(target.get());
  std::erase_if(budgets_, [&](const auto& entry) { return !there.contains(entry.first.get()); });
}

}  // namespace watch
