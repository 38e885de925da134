#include "target/watcher.h"

#include <algorithm>
#include <utility>

#include "base/clock.h"

namespace target {

Watcher::Watcher(std::string proc_root, const Executable* executable, std::uint32_t max_targets)
    : proc_root_(std::move(proc_root)), executable_(executable), max_targets_(max_targets) {}

Watcher Watcher::of_process(std::string proc_root, Process process) {
  Watcher watcher(std::move(proc_root), nullptr, 1);
  watcher.single_ = std::move(process);
  return watcher;
}

Watcher Watcher::of_executable(std::string proc_root, const Executable& executable,
                               std::uint32_t max_targets) {
  return Watcher(std::move(proc_root), &executable, max_targets);
}

Changes Watcher::look() {
  Changes changes;
  remove_ended(changes);
  add_new(changes);
  return changes;
}

void Watcher::remove_ended(Changes& changes) {
  std::erase_if(targets_, [&](Target& target) {
    if (is_running(proc_root_, target.process.id)) return false;
    changes.went.push_back(std::move(target));
    return true;
  });
}

void Watcher::add_new(Changes& changes) {
  std::vector<Process> candidates;
  if (executable_ != nullptr) {
    candidates = find_running(proc_root_, *executable_);
  } else if (single_) {
    candidates.push_back(*std::exchange(single_, std::nullopt));
  }
  for (Process& process : candidates) {
    if (is_watched(process.id)) continue;
    const auto slot = free_slot();
    if (!slot) {
      ++changes.no_room;
      continue;
    }
    std::string name = executable_ != nullptr ? free_name(process.comm) : std::string();
    targets_.push_back({*slot, std::move(process), std::move(name), base::unix_ns()});
    changes.came.push_back(targets_.back());
  }
}

std::optional<std::uint32_t> Watcher::free_slot() const {
  for (std::uint32_t slot = 0; slot < max_targets_; ++slot) {
    const bool taken = std::any_of(targets_.begin(), targets_.end(),
                                   [&](const Target& target) { return target.slot == slot; });
    if (!taken) return slot;
  }
  return std::nullopt;
}

std::string Watcher::free_name(const std::string& wanted) const {
  const auto is_taken = [&](const std::string& name) {
    return std::any_of(targets_.begin(), targets_.end(),
                       [&](const Target& target) { return target.name == name; });
  };
  std::string name = wanted;
  for (int number = 2; is_taken(name); ++number) name = fmt::format("{}-{}", wanted, number);
  return name;
}

bool Watcher::is_watched(const model::ProcessId& id) const {
  return std::any_of(targets_.begin(), targets_.end(),
                     [&](const Target& target) { return target.process.id == id; });
}

}  // namespace target
