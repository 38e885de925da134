// The BPF programs, loaded.
#pragma once

#include <valkyria/abi/limits.h>
#include <valkyria/abi/target.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "base/result.h"
#include "base/unique_fd.h"
#include "probe/attach_method.h"
#include "probe/groups.h"

struct bpf_map;
struct bpf_program;

namespace probe {

// The number of a pid namespace: what BPF needs to know pids as that namespace does.
struct PidNamespace {
  std::uint64_t device = 0;
  std::uint64_t inode = 0;
};

struct LoadOptions {
  AttachMethod method = best_attach_method();
  // Ours, where it is not the machine's own. None: it is.
  std::optional<PidNamespace> pid_namespace;
  // How many processes may be watched at a time, 1 to VALK_MOST_TARGETS: the maps are made for
  // them.
  std::uint32_t max_targets = VALK_USUAL_TARGETS;
};

// Owns the loaded objects of the chosen groups and their maps. Alive means loaded; nothing is
// attached to a process yet. Const functions may run on any thread; watch() and forget() on one at
// a time.
class Programs {
 public:
  static base::Result<Programs> load(const std::vector<Group>& groups, LoadOptions options = {});
  Programs(Programs&&) noexcept;
  Programs& operator=(Programs&&) = delete;
  ~Programs();

  // What the program was loaded for.
  AttachMethod attach_method() const { return method_; }

  // As whose pids processes are known to the programs. None: the machine's own.
  const std::optional<PidNamespace>& pid_namespace() const { return pid_namespace_; }

  // The one that runs at every site. Owned by this object.
  bpf_program* program() const;

  // The file descriptor of a map by its name in bpf/, -1 if no chosen group has it.
  int map_fd(const char* name) const;

  // How many entries that map can have, 0 if no chosen group has it.
  std::uint32_t max_entries(const char* name) const;

  bool has(Group group) const;

  // Slots from 0 on are for targets; the one behind them is the exporter's own.
  std::uint32_t max_targets() const { return max_targets_; }
  std::uint32_t own_slot() const { return max_targets_; }

  // The counters of all slots, in memory shared with the kernel: read entries atomically.
  const valk_counters* counters() const { return counters_.get(); }

  // Gives a process its slot: from now on its execs are counted. Fails where the kernel has no room
  // for it.
  base::Result<void> watch(std::uint32_t slot, int pid);

  // How often a slot's process has called exec since watch(): it runs another image then, also if
  // from the same file, and knows none of the old ids. What its old links still tell is not
  // counted.
  std::uint64_t execs_of(std::uint32_t slot) const;

  // Where a heap of the slot's process keeps its use in bytes, from where the heap is: so function
  // probes can tell what a collection has left. Forgotten with the slot.
  void tell_heap_use(std::uint32_t slot, std::uint64_t offset);

  // Execs and forks of this pid are nobody's any more.
  void unwatch(int pid);

  // Deletes what was counted for a slot, but for its hits and losses: these are counters of the
  // exporter's own. Nothing must be attached for the slot.
  void forget(std::uint32_t slot);

  // Forgets what had begun and not ended for a group that was out for a while: its end may have
  // come meanwhile. What it has counted stays. Nothing of that group must be attached for the slot.
  // May run beside forget() of another slot.
  void forget_open(std::uint32_t slot, Group group);

 private:
  struct Loaded;
  struct Unmap {
    std::size_t bytes;
    void operator()(valk_counters* counters) const;
  };

  explicit Programs(const LoadOptions& options);
  base::Result<void> load_process(const LoadOptions& options);
  base::Result<void> load_fork(const LoadOptions& options);
  base::Result<void> attach_tracepoint(const bpf_program* program);
  base::Result<void> load_probes(const std::vector<Group>& groups);
  base::Result<void> map_counters();
  base::Result<void> make_others(std::uint32_t slot);

  const bpf_map* find_map(const char* name) const;

  AttachMethod method_;
  std::uint32_t max_targets_;
  std::optional<PidNamespace> pid_namespace_;
  std::vector<Group> groups_;
  std::unique_ptr<Loaded> loaded_;
  std::unique_ptr<valk_counters, Unmap> counters_;
};

}  // namespace probe
