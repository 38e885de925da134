#include "agent/collector.h"

#include <spdlog/spdlog.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

#include "agent/inspection.h"
#include "base/clock.h"
#include "probe/site_check.h"
#include "target/process_metrics.h"

namespace agent {
namespace {

using base::fail;
using base::Result;

Result<void> check_executable(Result<target::Executable> executable) {
  if (!executable) return tl::make_unexpected(executable.error());
  const auto sites = require_probe_sites(*executable);
  if (!sites) return tl::make_unexpected(sites.error());
  return {};
}

std::optional<int> pid_of(const target::Selection& selection) {
  const auto* one = std::get_if<target::OneProcess>(&selection);
  return one != nullptr ? std::optional(one->pid) : std::nullopt;
}

}  // namespace

Result<void> check_selection(const Config& config) {
  if (const auto pid = pid_of(config.selection)) {
    if (const auto process = target::identify(config.proc_root, *pid); !process) {
      return tl::make_unexpected(process.error());
    }
    return check_executable(target::open_executable_of(config.proc_root, *pid));
  }
  if (const auto* by_executable = std::get_if<target::ByExecutable>(&config.selection)) {
    return check_executable(target::open_executable(by_executable->path));
  }
  return {};
}

Collector::Collector(const Config& config, probe::Programs programs)
    : version_(config.version),
      proc_root_(config.proc_root),
      one_pid_(pid_of(config.selection)),
      programs_(std::move(programs)),
      watcher_(config.proc_root, config.selection, std::string(probe::kProvider),
               one_pid_ ? 1 : VALK_MAX_TARGETS) {}

Result<std::unique_ptr<Collector>> Collector::start(const Config& config) {
  const auto filter =
      pid_of(config.selection) ? probe::Filter::kOneProcess : probe::Filter::kByTargetMap;
  auto programs = probe::Programs::load(config.groups, filter);
  if (!programs) return tl::make_unexpected(programs.error());
  std::unique_ptr<Collector> collector(new Collector(config, std::move(*programs)));
  if (!collector->one_pid_) {
    collector->look();
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
  return collector;
}

void Collector::look() {
  Retired retired;
  const std::lock_guard lock(mutex_);
  retired = look_locked();
}

Collector::Retired Collector::look_locked() {
  retire_after_exec();
  Retired retired = handle(watcher_.look());
  for (const target::Target& target : watcher_.targets()) {
    if (!begun_.contains(target.slot)) begin_or_log(target);
  }
  return retired;
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
  ended_.clear();
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

Result<model::Snapshot> Collector::collect(std::chrono::steady_clock::time_point deadline) {
  Retired retired;
  const std::unique_lock lock(mutex_, deadline);
  if (!lock) return fail("collect: not possible before the deadline of the scrape");
  retired = handle(watcher_.look_for_ended());
  const probe::AttachedBySlot attached = attached_by_slot();
  auto slots = probe::read_slots(programs_, attached);
  if (!slots) return tl::make_unexpected(slots.error());
  probe::ProbeSet attached_anywhere;
  for (const probe::ProbeSet& set : attached) attached_anywhere |= set;

  model::Snapshot snapshot;
  snapshot.taken_unix_ns = base::unix_ns();
  snapshot.exporter.version = version_;
  snapshot.exporter.probes = probe::read_probe_status(programs_, attached_anywhere);
  snapshot.exporter.lost_events = probe::read_losses(programs_);
  snapshot.exporter.process_metrics = target::read_process_metrics(proc_root_, ::getpid());
  for (const target::Target& target : watcher_.targets()) {
    model::TargetMetrics metrics = describe(target);
    metrics.up = begun_.contains(target.slot);
    metrics.process_metrics = target::read_process_metrics(proc_root_, target.process.id.pid);
    if (metrics.up) {
      probe::Readings& readings = slots->at(target.slot);
      metrics.gc = std::move(readings.gc);
      metrics.systems = std::move(readings.systems);
      metrics.servers = std::move(readings.servers);
      metrics.evals = std::move(readings.evals);
      metrics.clients = std::move(readings.clients);
      metrics.functions = std::move(readings.functions);
    }
    snapshot.targets.push_back(std::move(metrics));
  }
  for (const target::Target& target : ended_) snapshot.targets.push_back(describe(target));
  return snapshot;
}

// A target without any numbers: all that is known of one that has ended.
model::TargetMetrics Collector::describe(const target::Target& target) const {
  model::TargetMetrics metrics;
  metrics.process = target.name;
  metrics.id = target.process.id;
  metrics.attached_unix_ns = target.since_unix_ns;
  metrics.identity = {target.program->executable.path, target.script, target.program->build_id};
  return metrics;
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
