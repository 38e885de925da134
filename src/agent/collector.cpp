#include "agent/collector.h"

#include <spdlog/spdlog.h>

#include <utility>

#include "agent/inspection.h"
#include "base/clock.h"

namespace agent {
namespace {

using base::fail;
using base::Result;

Result<target::Executable> open_watched(const Config& config) {
  if (const auto* watch = std::get_if<WatchPid>(&config.watch)) {
    return target::open_executable_of(config.proc_root, watch->pid);
  }
  return target::open_executable(std::get<WatchExecutable>(config.watch).path);
}

target::Watcher make_watcher(const Config& config, const std::optional<target::Process>& process,
                             const target::Executable& executable) {
  if (process) return target::Watcher::of_process(config.proc_root, *process);
  return target::Watcher::of_executable(config.proc_root, executable, VALK_MAX_TARGETS);
}

// A target without any numbers: all that is known of one that has ended.
model::TargetMetrics describe(const target::Target& target) {
  model::TargetMetrics metrics;
  metrics.process = target.name;
  metrics.id = target.process.id;
  metrics.attached_unix_ns = target.since_unix_ns;
  return metrics;
}

bool is_same(const target::Executable& executable, const model::ProcessId& id) {
  return executable.device == id.exe_device && executable.inode == id.exe_inode;
}

}  // namespace

Result<Collector::Plan> Collector::plan(const Config& config) {
  Plan plan;
  if (const auto* watch = std::get_if<WatchPid>(&config.watch)) {
    auto process = target::identify(config.proc_root, watch->pid);
    if (!process) return tl::make_unexpected(process.error());
    plan.process = std::move(*process);
  }
  auto executable = open_watched(config);
  if (!executable) return tl::make_unexpected(executable.error());
  if (plan.process && !is_same(*executable, plan.process->id)) {
    return fail("watch pid {}: it changed its executable just now; try again",
                plan.process->id.pid);
  }
  plan.executable = std::move(*executable);
  const auto sites = require_probe_sites(plan.executable);
  if (!sites) return tl::make_unexpected(sites.error());
  plan.sites = probe::check_sites(sites->sites);
  return plan;
}

Collector::Collector(Plan plan, const Config& config, probe::Programs programs)
    : version_(config.version),
      executable_(std::move(plan.executable)),
      one_process_(plan.process.has_value()),
      programs_(std::move(programs)),
      watcher_(make_watcher(config, plan.process, executable_)) {}

Result<std::unique_ptr<Collector>> Collector::start(Plan plan, const Config& config) {
  for (const probe::RefusedSite& refused : plan.sites.refused) {
    spdlog::warn("not attaching {}: {}; build it with <valkyria/probes.h> as it is", refused.probe,
                 refused.reason);
  }
  const auto filter = plan.process ? probe::Filter::kOneProcess : probe::Filter::kByTargetMap;
  auto programs = probe::Programs::load(config.groups, filter);
  if (!programs) return tl::make_unexpected(programs.error());
  const probe::SiteCheck sites = std::move(plan.sites);
  const auto pid = plan.process ? std::optional(plan.process->id.pid) : std::nullopt;
  std::unique_ptr<Collector> collector(
      new Collector(std::move(plan), config, std::move(*programs)));
  // Watch first, attach second: the first hit finds its slot.
  collector->look();
  auto attachment =
      probe::Attachment::attach(collector->programs_, collector->executable_.fd.get(), sites, pid);
  if (!attachment) {
    return fail("watch {}: {}", collector->executable_.path, attachment.error().message);
  }
  if (attachment->attached().none()) {
    return fail("watch {}: none of the chosen probes can be attached", collector->executable_.path);
  }
  collector->attachment_.emplace(std::move(*attachment));
  collector->look();
  if (pid && collector->watcher_.targets().empty()) {
    return fail("watch pid {}: it ended while probes were attached", *pid);
  }
  return collector;
}

void Collector::look() {
  const std::lock_guard lock(mutex_);
  look_locked();
}

void Collector::look_locked() {
  target::Changes changes = watcher_.look();
  for (target::Target& target : changes.went) {
    spdlog::info("pid {} ({}) has ended", target.process.id.pid, target.process.comm);
    programs_.forget(target.slot, target.process.id.pid);
    if (one_process_) {
      attachment_.reset();
      ended_.push_back(std::move(target));
    }
  }
  for (const target::Target& target : changes.came) {
    if (auto watched = programs_.watch(target.slot, target.process.id.pid); !watched) {
      spdlog::error("{}", watched.error().message);
      continue;
    }
    spdlog::info("watching pid {} ({})", target.process.id.pid, target.process.comm);
  }
  if (changes.no_room > no_room_) {
    spdlog::warn("{} more processes run {}, but at most {} are watched", changes.no_room,
                 executable_.path, VALK_MAX_TARGETS);
  }
  no_room_ = changes.no_room;
}

Result<model::Snapshot> Collector::collect() {
  const std::lock_guard lock(mutex_);
  look_locked();
  const auto slots = probe::read_slots(programs_, attached());
  if (!slots) return tl::make_unexpected(slots.error());
  model::Snapshot snapshot;
  snapshot.taken_unix_ns = base::unix_ns();
  snapshot.exporter.version = version_;
  snapshot.exporter.probes = probe::read_probe_status(programs_, attached());
  snapshot.exporter.lost_events = probe::read_losses(programs_);
  for (const target::Target& target : watcher_.targets()) {
    model::TargetMetrics metrics = describe(target);
    metrics.up = true;
    const probe::Readings& readings = slots->at(target.slot);
    metrics.gc = readings.gc;
    metrics.systems = readings.systems;
    metrics.servers = readings.servers;
    snapshot.targets.push_back(std::move(metrics));
  }
  for (const target::Target& target : ended_) snapshot.targets.push_back(describe(target));
  return snapshot;
}

probe::ProbeSet Collector::attached() const {
  return attachment_ ? attachment_->attached() : probe::ProbeSet();
}

}  // namespace agent
