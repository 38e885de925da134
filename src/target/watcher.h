// Who is watched, from attach to exit.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "target/process.h"

namespace target {

// A watched process. `slot` numbers the counters that BPF keeps for it.
struct Target {
  std::uint32_t slot = 0;
  Process process;
  std::string name;  // the `process` label; empty where one pid is watched
  std::uint64_t since_unix_ns = 0;
};

// What changed since the last look. Handle `went` first: a slot in it may stand in `came` again.
struct Changes {
  std::vector<Target> came;
  std::vector<Target> went;
  std::size_t no_room = 0;  // processes not watched because every slot is taken
};

// Follows either one process, or every process that runs one executable. Owns no kernel object.
// One thread at a time.
class Watcher {
 public:
  // Only `process`, which is slot 0 from the first look() on until it ends.
  static Watcher of_process(std::string proc_root, Process process);

  // Every process that runs `executable`, now and later, at most `max_targets` at a time.
  // `executable` must outlive the watcher.
  static Watcher of_executable(std::string proc_root, const Executable& executable,
                               std::uint32_t max_targets);

  // Looks at /proc and says what changed.
  Changes look();

  const std::vector<Target>& targets() const { return targets_; }

 private:
  Watcher(std::string proc_root, const Executable* executable, std::uint32_t max_targets);

  void remove_ended(Changes& changes);
  void add_new(Changes& changes);
  std::optional<std::uint32_t> free_slot() const;
  std::string free_name(const std::string& wanted) const;
  bool is_watched(const model::ProcessId& id) const;

  std::string proc_root_;
  const Executable* executable_;   // null where one process is watched
  std::optional<Process> single_;  // not yet reported
  std::uint32_t max_targets_;
  std::vector<Target> targets_;
};

}  // namespace target
