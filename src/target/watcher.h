// Who is watched, from attach to exit.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "target/process.h"
#include "target/program_cache.h"
#include "target/selection.h"

namespace target {

// A watched process. `slot` numbers the counters that BPF keeps for it.
struct Target {
  std::uint32_t slot = 0;
  Process process;
  std::string name;    // the `process` label; empty where one pid is watched
  std::string script;  // as it was given; empty if there is none
  std::shared_ptr<const Program> program;
  std::uint64_t since_unix_ns = 0;
};

// What changed since the last look. Handle `went` first: a slot in it may stand in `came` again.
struct Changes {
  std::vector<Target> came;
  std::vector<Target> went;
  std::size_t no_room = 0;  // processes not watched because every slot is taken
};

// Follows the processes of a selection through /proc. Owns no kernel object. One thread at a time.
class Watcher {
 public:
  // A process must be recognised to be watched. One process gets slot 0.
  Watcher(std::string proc_root, Selection selection, Recognition recognition,
          std::uint32_t max_targets);

  // Looks for new and ended processes.
  Changes look();

  // Looks for ended processes only: cheap.
  Changes look_for_ended();

  // The process called exec: the next look reports it as gone, and as new if it is still selected.
  void retire(const model::ProcessId& id);

  const std::vector<Target>& targets() const { return targets_; }

 private:
  void remove_ended(Changes& changes);
  void add_new(Changes& changes);
  std::vector<Process> candidates();
  bool is_selected(const Process& process) const;
  Target make_target(std::uint32_t slot, Process process, std::shared_ptr<const Program> program);
  std::optional<std::uint32_t> free_slot() const;
  std::string free_name(const std::string& wanted) const;
  bool is_watched(const model::ProcessId& id) const;

  std::string proc_root_;
  Selection selection_;
  std::uint32_t max_targets_;
  ProgramCache programs_;
  std::optional<std::uint64_t> one_process_start_ticks_;  // once it was seen
  bool one_process_is_new_ = true;
  std::vector<Target> retired_;
  std::vector<Target> targets_;
};

}  // namespace target
