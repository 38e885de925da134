// The BPF programs, loaded.
#pragma once

#include <bpf/libbpf.h>
#include <valkyria/abi/target.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "base/owned.h"
#include "base/result.h"
#include "probe/attach_method.h"
#include "probe/contract.h"

namespace probe {

// Whom the programs count: one process that the kernel filters by, or whoever stands in the map of
// targets.
enum class Filter { kOneProcess, kByTargetMap };

// Owns the loaded objects of the chosen groups and the maps that they share. Alive means loaded;
// nothing is attached yet. Const functions may run on any thread; watch() and forget() on one at a
// time.
class Programs {
 public:
  static base::Result<Programs> load(const std::vector<Group>& groups, Filter filter,
                                     AttachMethod method = best_attach_method());

  // What the programs were loaded for.
  AttachMethod attach_method() const { return method_; }

  // The program of a probe, if its group was chosen. Owned by this object.
  bpf_program* program(const ProbeSpec& spec) const;

  // The program of a function probe, likewise.
  bpf_program* program(Group group, std::string_view name) const;

  // The file descriptor of a map by its name in bpf/, -1 if no loaded group has it.
  int map_fd(const char* name) const;

  bool has(Group group) const;

  // The counters of all slots, in memory shared with the kernel: read entries atomically.
  const valk_counters* counters() const { return counters_.get(); }

  // Gives a process its slot. With Filter::kByTargetMap it is counted from here on.
  base::Result<void> watch(std::uint32_t slot, int pid);

  // How often a slot's process has called exec since watch(): it runs another image then, also if
  // from the same file, and knows none of the old ids.
  std::uint32_t execs_of(std::uint32_t slot) const;

  // Stops counting for a slot and deletes what was counted for it, but for its hits and losses:
  // these are counters of the exporter's own.
  void forget(std::uint32_t slot);

 private:
  struct Loaded {
    std::optional<Group> group;  // none: bpf/process.bpf.c, which is always loaded
    std::unique_ptr<void, void (*)(void*)> skeleton;
    bpf_object* object;  // owned by skeleton
  };
  struct Unmap {
    void operator()(valk_counters* counters) const;
  };

  Programs(Filter filter, AttachMethod method) : filter_(filter), method_(method) {}
  base::Result<void> load_group(Group group);
  base::Result<void> follow_execs();
  base::Result<void> share_maps(bpf_object* object);
  base::Result<void> map_counters();
  base::Result<void> make_others(std::uint32_t slot);

  using ExecLink = base::Owned<bpf_link, bpf_link__destroy>;

  Filter filter_;
  AttachMethod method_;
  std::vector<Loaded> loaded_;
  ExecLink exec_link_;  // counts execs of watched processes
  std::unique_ptr<valk_counters, Unmap> counters_;
};

}  // namespace probe
