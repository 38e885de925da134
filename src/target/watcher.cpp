#include "target/watcher.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

#include "base/clock.h"
#include "target/naming.h"

namespace target {
namespace {

bool runs_file_at(const Process& process, const std::string& path) {
  struct stat status {};
  return ::stat(path.c_str(), &status) == 0 && process.id.exe_device == status.st_dev &&
         process.id.exe_inode == status.st_ino;
}

bool is_ours(const Process& process) {
  const uid_t own = ::geteuid();
  return own == 0 || process.uid == own || process.uid == 0;
}

}  // namespace

Watcher::Watcher(std::string proc_root, Selection selection, Recognition recognition,
                 std::uint32_t max_targets)
    : proc_root_(std::move(proc_root)),
      selection_(std::move(selection)),
      max_targets_(max_targets),
      programs_(std::move(recognition)) {}

Changes Watcher::look() {
  Changes changes;
  remove_ended(changes);
  add_new(changes);
  return changes;
}

Changes Watcher::look_for_ended() {
  Changes changes;
  remove_ended(changes);
  return changes;
}

void Watcher::retire(const model::ProcessId& id) {
  const auto found = std::find_if(targets_.begin(), targets_.end(),
                                  [&](const Target& target) { return target.process.id == id; });
  if (found == targets_.end()) return;
  retired_.push_back(std::move(*found));
  targets_.erase(found);
  one_process_is_new_ = true;
}

void Watcher::remove_ended(Changes& changes) {
  changes.went = std::exchange(retired_, {});
  std::erase_if(targets_, [&](Target& target) {
    if (is_running(proc_root_, target.process.id)) return false;
    changes.went.push_back(std::move(target));
    return true;
  });
}

void Watcher::add_new(Changes& changes) {
  for (Process& process : candidates()) {
    if (is_watched(process.id)) continue;
    auto program = programs_.program_of(proc_root_, process);
    if (program == nullptr) continue;
    const auto slot = free_slot();
    if (!slot) {
      ++changes.no_room;
      continue;
    }
    targets_.push_back(make_target(*slot, std::move(process), std::move(program)));
    changes.came.push_back(targets_.back());
  }
}

std::vector<Process> Watcher::candidates() {
  if (const auto* one = std::get_if<OneProcess>(&selection_)) {
    if (!std::exchange(one_process_is_new_, false)) return {};
    auto process = identify(proc_root_, one->pid);
    if (!process) return {};
    // A later process with the same pid is another one.
    const std::uint64_t start_ticks = process->id.start_ticks;
    if (one_process_start_ticks_.value_or(start_ticks) != start_ticks) return {};
    one_process_start_ticks_ = start_ticks;
    return {std::move(*process)};
  }
  auto processes = list_processes(proc_root_);
  std::erase_if(processes, [&](const Process& process) { return !is_selected(process); });
  return processes;
}

bool Watcher::is_selected(const Process& process) const {
  if (const auto* by_executable = std::get_if<ByExecutable>(&selection_)) {
    return runs_file_at(process, by_executable->path);
  }
  if (const auto* by_name = std::get_if<ByName>(&selection_)) {
    return std::find(by_name->comms.begin(), by_name->comms.end(), process.comm) !=
           by_name->comms.end();
  }
  return is_ours(process);
}

Target Watcher::make_target(std::uint32_t slot, Process process,
                            std::shared_ptr<const Program> program) {
  Target target;
  target.slot = slot;
  target.script = read_script(proc_root_, process.id.pid).value_or("");
  if (!std::holds_alternative<OneProcess>(selection_)) {
    target.name = free_name(stable_name(proc_root_, process));
  }
  target.process = std::move(process);
  target.program = std::move(program);
  target.since_unix_ns = base::unix_ns();
  return target;
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
