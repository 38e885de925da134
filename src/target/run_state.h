// Whether a process runs, was stopped, or is frozen.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/snapshot.h"
#include "target/process.h"

namespace target {

// Where control groups are mounted: all together, or in directories of their own ("unified",
// "freezer") where the machine has both versions.
inline constexpr const char* kCgroupRoot = "/sys/fs/cgroup";

// The groups that can freeze a process, by the text of /proc/PID/cgroup, each as a path that begins
// with a slash. None: there is none of that version.
struct FreezerGroups {
  std::optional<std::string> unified;  // version 2
  std::optional<std::string> freezer;  // version 1
};
FreezerGroups parse_freezer_groups(std::string_view cgroup);

// The state of the process that the thread belongs to. None: it has ended, or whether it is frozen
// can't be told (another namespace's groups, say). Opens files of /proc and of control groups only,
// which answer without waiting for the process.
std::optional<model::ProcessState> read_run_state(const LivingThread& thread,
                                                  const std::string& cgroup_root = kCgroupRoot);

// One flag for each state there is; none where the state is unknown.
std::vector<model::ProcessStateFlag> flags_of(std::optional<model::ProcessState> state);

}  // namespace target
