// Who is watched. What is read of them: collection.cpp.
#include "watch/collector.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <utility>

#include "probe/site_check.h"
#include "watch/recognition.h"

namespace watch {
namespace {

using base::fail;
using base::Result;

// Finding a layout takes some 20 ms. Who takes longer is decided later, and shown then.
constexpr std::chrono::milliseconds kFirstDecisions{1'000};

Result<void> check_executable(Result<target::Executable> executable,
                              const layout::Layouts& layouts) {
  if (!executable) return base::pass_on(executable);
  const auto program = target::read_program(std::move(*executable), recognition());
  if (!program) return base::pass_on(program);
  if (auto recognised = require_recognised(*program); !recognised) return recognised;
  return layouts.check_given(program->build_id, program->executable.path);
}

std::optional<int> pid_of(const target::Selection& selection) {
  const auto* one = std::get_if<target::OneProcess>(&selection);
  return one != nullptr ? std::optional(one->pid) : std::nullopt;
}

}  // namespace

Result<void> check_selection(const Config& config) {
  const auto layouts = layout::Layouts::open(config.layouts);
  if (!layouts) return base::pass_on(layouts);
  if (const auto pid = pid_of(config.selection)) {
    if (const auto process = target::identify(config.proc_root, *pid); !process) {
      return base::pass_on(process);
    }
    return check_executable(target::open_executable_of(config.proc_root, *pid), *layouts);
  }
  if (const auto* by_executable = std::get_if<target::ByExecutable>(&config.selection)) {
    return check_executable(target::open_executable(by_executable->path), *layouts);
  }
  return {};
}

Collector::Collector(const Config& config, probe::Programs programs, layout::Layouts layouts)
    : version_(config.version),
      proc_root_(config.proc_root),
      one_pid_(pid_of(config.selection)),
      layouts_(std::move(layouts)),
      programs_(std::move(programs)),
      watcher_(config.proc_root, config.selection, recognition(), one_pid_ ? 1 : VALK_MAX_TARGETS) {
}

Result<std::unique_ptr<Collector>> Collector::start(const Config& config) {
  const auto filter =
      pid_of(config.selection) ? probe::Filter::kOneProcess : probe::Filter::kByTargetMap;
  auto programs = probe::Programs::load(config.groups, filter);
  if (!programs) return base::pass_on(programs);
  auto layouts = layout::Layouts::open(config.layouts);
  if (!layouts) return base::pass_on(layouts);
  std::unique_ptr<Collector> collector(
      new Collector(config, std::move(*programs), std::move(*layouts)));
  if (!collector->one_pid_) {
    collector->find_processes();
    collector->decide_all(kFirstDecisions, {});
    return collector;
  }
  const target::Changes changes = collector->watcher_.look();
  if (changes.came.empty()) return fail("watch pid {}: it has ended", *collector->one_pid_);
  if (auto begun = collector->begin(changes.came.front()); !begun) {
    return base::pass_on(begun);
  }
  // Attaching goes by pid: the pid must have been the same process all the while.
  if (!collector->watcher_.look_for_ended().went.empty()) {
    return fail("watch pid {}: it ended while probes were attached", *collector->one_pid_);
  }
  collector->decide_all(kFirstDecisions, {});
  return collector;
}

void Collector::look() {
  take_deadly_returns();
  find_processes();
  audit_all();
}

void Collector::find_processes() {
  Retired retired;
  const std::lock_guard lock(mutex_);
  retire_after_exec();
  retired = handle(watcher_.look());
  for (const target::Target& target : watcher_.targets()) {
    const bool waits = retired.pids.contains(target.process.id.pid);
    if (!waits && !begun_.contains(target.slot)) begin_or_log(target);
  }
  attach_functions_again();
  changed_.notify_all();
}

// A filter may have come after us. Threads may be many, so they are looked at without the lock.
void Collector::take_deadly_returns() {
  std::vector<target::Target> probed;
  {
    const std::lock_guard lock(mutex_);
    for (const target::Target& target : watcher_.targets()) {
      const auto found = function_attachments_.find(target.slot);
      if (found != function_attachments_.end() && found->second.has_returns()) {
        probed.push_back(target);
      }
    }
  }
  for (const target::Target& target : probed) {
    const auto fault = find_return_fault(proc_root_, target.process.id.pid);
    if (fault && !*fault) continue;
    // Who has ended can't be harmed any more.
    if (!target::is_running(proc_root_, target.process.id)) continue;
    std::optional<probe::Attachment> taken;  // goes after the lock
    const std::lock_guard lock(mutex_);
    const auto found = function_attachments_.find(target.slot);
    if (found == function_attachments_.end() || !is_watched(target)) continue;
    spdlog::warn("no longer probing the returns of pid {}: {}", target.process.id.pid,
                 fault ? **fault : fault.error().message);
    taken.emplace(found->second.take_returns());
  }
}

bool Collector::is_watched(const target::Target& target) const {
  const auto& targets = watcher_.targets();
  return std::any_of(targets.begin(), targets.end(), [&](const target::Target& other) {
    return other.slot == target.slot && other.process.id == target.process.id;
  });
}

void Collector::retire_after_exec() {
  const std::vector<target::Target> targets = watcher_.targets();
  for (const target::Target& target : targets) {
    if (programs_.execs_of(target.slot) != 0) watcher_.retire(target.process.id);
  }
}

Collector::Retired Collector::handle(target::Changes changes) {
  Retired retired;
  for (target::Target& target : changes.went) end(std::move(target), retired);
  // A link by pid is of no use in a new image: it dies with the old one, or fires beside a new
  // link.
  if (one_pid_ && !changes.went.empty()) {
    retired.pids.insert(*one_pid_);
    for (auto& [key, attachment] : attachments_) {
      retired.attachments.push_back(std::move(attachment));
    }
    attachments_.clear();
  }
  // After an exec, the old probes may still fire in the new image: then it is begun at the next
  // look.
  for (const target::Target& target : changes.came) {
    if (!retired.pids.contains(target.process.id.pid)) begin_or_log(target);
  }
  take_unused_attachments(retired);
  if (changes.no_room > no_room_) {
    spdlog::warn("{} more processes could be watched, but at most {} are", changes.no_room,
                 VALK_MAX_TARGETS);
  }
  no_room_ = changes.no_room;
  return retired;
}

void Collector::end(target::Target target, Retired& retired) {
  spdlog::info("pid {} ({}) has ended or runs another image", target.process.id.pid,
               target.process.comm);
  programs_.forget(target.slot);
  begun_.erase(target.slot);
  if (const auto found = function_attachments_.find(target.slot);
      found != function_attachments_.end()) {
    retired.attachments.push_back(std::move(found->second));
    retired.pids.insert(target.process.id.pid);
    function_attachments_.erase(found);
  }
  function_failures_.erase(target.slot);
  if (const auto decided = decisions_.find(target.slot); decided != decisions_.end()) {
    add(missed_by_ended_, decided->second.audit.missed());
    retired.states.push_back(std::move(decided->second.state));
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

// Watch first, attach second: the first hit finds its slot. Of a runtime without probes the memory
// tells much, so that attaching to its functions may fail.
Result<void> Collector::begin(const target::Target& target) {
  const int pid = target.process.id.pid;
  if (auto watched = programs_.watch(target.slot, pid); !watched) return watched;
  if (target.program->sites.empty()) {
    attach_functions_of(target);
  } else if (attachment_of(target) == nullptr) {
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
  if (!attachment) return base::pass_on(attachment);
  if (attachment->attached().probes.none())
    return fail("none of the chosen probes can be attached");
  attachments_.emplace(ExecutableKey{executable.device, executable.inode}, std::move(*attachment));
  return {};
}

// What fails is tried again at each look, and told once.
void Collector::attach_functions_of(const target::Target& target) {
  const int pid = target.process.id.pid;
  const auto tell = [&](const std::vector<probe::RefusedFunction>& refused) {
    for (const auto& [probe, reason] : refused) {
      spdlog::warn("not probing the {} of pid {}: {}", name_of(*probe), pid, reason);
    }
  };
  std::vector<probe::RefusedFunction> failed;
  const auto check = find_functions(proc_root_, pid, *target.program);
  if (check) {
    auto attachment = probe::Attachment::attach_functions(
        programs_, target.program->executable.fd.get(), *check, pid, failed);
    if (failed.empty() || attachment.attached().probes.any()) {
      tell(check->refused);
      tell(failed);
      function_attachments_.emplace(target.slot, std::move(attachment));
      return;
    }
  }
  const std::string failure = check ? failed[0].reason : check.error().message;
  std::string& told = function_failures_[target.slot];
  if (told != failure) spdlog::warn("not probing functions of pid {}: {}", pid, failure);
  told = failure;
}

void Collector::attach_functions_again() {
  for (const target::Target& target : watcher_.targets()) {
    const bool failed = begun_.contains(target.slot) && target.program->sites.empty() &&
                        !function_attachments_.contains(target.slot);
    if (failed) attach_functions_of(target);
  }
}

void Collector::take_unused_attachments(Retired& retired) {
  const auto is_used = [&](const probe::Attachment& attachment) {
    return std::any_of(
        watcher_.targets().begin(), watcher_.targets().end(),
        [&](const target::Target& target) { return attachment_of(target) == &attachment; });
  };
  for (auto entry = attachments_.begin(); entry != attachments_.end();) {
    if (is_used(entry->second)) {
      ++entry;
    } else {
      retired.attachments.push_back(std::move(entry->second));
      entry = attachments_.erase(entry);
    }
  }
}

const probe::Attachment* Collector::attachment_of(const target::Target& target) const {
  const auto of_functions = function_attachments_.find(target.slot);
  if (of_functions != function_attachments_.end()) return &of_functions->second;
  const target::Executable& executable = target.program->executable;
  const auto found = attachments_.find({executable.device, executable.inode});
  return found == attachments_.end() ? nullptr : &found->second;
}

probe::Attached Collector::attached_to(const target::Target& target) const {
  const probe::Attachment* const attachment = attachment_of(target);
  return attachment != nullptr ? attachment->attached() : probe::Attached{};
}

}  // namespace watch
