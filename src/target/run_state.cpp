#include "target/run_state.h"

#include <sys/stat.h>

#include "target/proc_text.h"

namespace target {
namespace {

using model::ProcessState;

constexpr std::size_t kMaxTextBytes = 64 * 1024;

// Takes the text up to the separator off the front.
std::string_view take_until(std::string_view& text, char separator) {
  const std::size_t end = std::min(text.find(separator), text.size());
  const std::string_view taken = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return taken;
}

bool has_controller(std::string_view controllers, std::string_view wanted) {
  while (!controllers.empty()) {
    if (take_until(controllers, ',') == wanted) return true;
  }
  return false;
}

bool exists(const std::string& path) {
  struct stat status {};
  return ::stat(path.c_str(), &status) == 0;
}

// Whether the file of a group says so. The topmost group has no such file, since it can't be
// frozen. None: the group is not to be seen from here.
std::optional<bool> says(const std::string& mount, const std::string& group, const char* file,
                         std::string_view line) {
  if (group.starts_with("/..")) return std::nullopt;  // above our own cgroup namespace
  const std::string directory = mount + (group == "/" ? "" : group);
  const auto text = read_proc_text(fmt::format("{}/{}", directory, file), kMaxTextBytes);
  if (!text) {
    const bool is_topmost = group == "/" && exists(directory + "/cgroup.procs");
    return is_topmost ? std::optional(false) : std::nullopt;
  }
  for (std::string_view rest = *text; !rest.empty();) {
    if (take_until(rest, '\n') == line) return true;
  }
  return false;
}

// Beside the groups of version 1, those of version 2 have a directory of their own.
std::optional<bool> is_frozen_by_unified(const std::string& root, const std::string& group) {
  const std::string own = root + "/unified";
  return says(exists(own + "/cgroup.procs") ? own : root, group, "cgroup.events", "frozen 1");
}

// Of all groups that could have frozen it.
std::optional<bool> is_frozen(const std::string& directory, const std::string& root) {
  const auto text = read_proc_text(directory + "/cgroup", kMaxTextBytes);
  if (!text) return std::nullopt;
  const FreezerGroups groups = parse_freezer_groups(*text);
  const auto by_unified =
      groups.unified ? is_frozen_by_unified(root, *groups.unified) : std::optional(false);
  const auto by_freezer = groups.freezer
                              ? says(root + "/freezer", *groups.freezer, "freezer.state", "FROZEN")
                              : std::optional(false);
  if (by_unified == true || by_freezer == true) return true;
  return by_unified && by_freezer ? std::optional(false) : std::nullopt;
}

}  // namespace

FreezerGroups parse_freezer_groups(std::string_view cgroup) {
  FreezerGroups groups;
  while (!cgroup.empty()) {
    std::string_view line = take_until(cgroup, '\n');
    const std::string_view hierarchy = take_until(line, ':');
    const std::string_view controllers = take_until(line, ':');
    if (!line.starts_with('/')) continue;
    if (hierarchy == "0" && controllers.empty()) groups.unified = line;
    if (has_controller(controllers, "freezer")) groups.freezer = line;
  }
  return groups;
}

std::optional<ProcessState> read_run_state(const LivingThread& thread,
                                           const std::string& cgroup_root) {
  switch (thread.stat.state) {
    case 'T':
    case 't':
      return ProcessState::kStopped;
    case 'R':  // who is frozen sleeps: S in groups of version 2, D in those of version 1
      return ProcessState::kRunning;
    case 'X':
    case 'Z':
      return std::nullopt;
    default:
      break;
  }
  const auto frozen = is_frozen(thread.directory, cgroup_root);
  if (!frozen) return std::nullopt;
  return *frozen ? ProcessState::kFrozen : ProcessState::kRunning;
}

std::vector<model::ProcessStateFlag> flags_of(std::optional<ProcessState> state) {
  if (!state) return {};
  std::vector<model::ProcessStateFlag> flags;
  for (const auto each : {ProcessState::kRunning, ProcessState::kStopped, ProcessState::kFrozen}) {
    flags.push_back({each, each == *state});
  }
  return flags;
}

}  // namespace target
