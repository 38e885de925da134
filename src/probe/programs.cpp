#include "probe/programs.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <sys/mman.h>
#include <unistd.h>
#include <valkyria/abi/gc.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <initializer_list>
#include <utility>

#include "base/log.h"
#include "base/owned.h"
#include "fork.skel.h"
#include "probe/kernel.h"
#include "probe/rooms.h"
#include "probes.skel.h"
#include "process.skel.h"

namespace probe {
namespace {

using base::fail;
using base::Result;

// BPF_TRACE_UPROBE_MULTI of <linux/bpf.h> since Linux 6.6; Debian 12's header is older.
constexpr auto kTraceUprobeMulti = static_cast<bpf_attach_type>(48);

bool contains(const std::vector<Group>& groups, Group group) {
  return std::find(groups.begin(), groups.end(), group) != groups.end();
}

template <typename Skeleton>
void set_pid_namespace(Skeleton& object, const LoadOptions& options) {
  if (!options.pid_namespace) return;
  object.rodata->valk_pid_namespace_device = options.pid_namespace->device;
  object.rodata->valk_pid_namespace_inode = options.pid_namespace->inode;
}

Result<void> share(bpf_map* map, const bpf_map* other) {
  const int error = bpf_map__reuse_fd(map, bpf_map__fd(other));
  if (error == 0) return {};
  return fail("share the BPF map {}: {}", bpf_map__name(map), base::errno_text(-error));
}

}  // namespace

struct Programs::Loaded {
  base::Owned<process_bpf, process_bpf::destroy> process;
  base::Owned<fork_bpf, fork_bpf::destroy> fork;
  base::Owned<probes_bpf, probes_bpf::destroy> probes;
  std::vector<base::Owned<bpf_link, bpf_link__destroy>> links;  // to tracepoints
};

void Programs::Unmap::operator()(valk_counters* counters) const {
  ::munmap(counters, bytes);
}

Programs::Programs(const LoadOptions& options)
    : method_(options.method),
      max_targets_(options.max_targets),
      pid_namespace_(options.pid_namespace),
      loaded_(std::make_unique<Loaded>()) {}
Programs::Programs(Programs&&) noexcept = default;
Programs::~Programs() = default;

Result<Programs> Programs::load(const std::vector<Group>& groups, LoadOptions options) {
  Programs programs(options);
  if (auto loaded = programs.load_process(options); !loaded) return pass_on(loaded);
  if (auto loaded = programs.load_fork(options); !loaded) return pass_on(loaded);
  if (auto loaded = programs.load_probes(groups); !loaded) return pass_on(loaded);
  if (auto mapped = programs.map_counters(); !mapped) return pass_on(mapped);
  for (std::uint32_t slot = 0; slot < slots_for(programs.max_targets_); ++slot) {
    if (auto made = programs.make_others(slot); !made) return pass_on(made);
  }
  return programs;
}

Result<void> Programs::load_process(const LoadOptions& options) {
  process_bpf* const object = process_bpf::open();
  if (object == nullptr) {
    return fail("open the BPF program that follows execs: {}", base::errno_text(errno));
  }
  loaded_->process.reset(object);
  set_pid_namespace(*object, options);
  make_room(object->obj, max_targets_);
  if (const int error = process_bpf::load(object); error != 0) {
    return fail("load the BPF program that follows execs: {}", base::errno_text(-error));
  }
  return attach_tracepoint(object->progs.process_exec);
}

// Where the kernel has no type information, where a child's pid stands is not known.
Result<void> Programs::load_fork(const LoadOptions& options) {
  if (!has_kernel_type_information()) return {};
  fork_bpf* const object = fork_bpf::open();
  if (object == nullptr) {
    return fail("open the BPF program that follows forks: {}", base::errno_text(errno));
  }
  loaded_->fork.reset(object);
  set_pid_namespace(*object, options);
  const auto& maps = loaded_->process->maps;
  for (const auto& [map, shared] : {std::pair{object->maps.targets, maps.targets},
                                    std::pair{object->maps.counters, maps.counters},
                                    std::pair{object->maps.process_events, maps.process_events}}) {
    if (auto done = share(map, shared); !done) return done;
  }
  if (const int error = fork_bpf::load(object); error != 0) {
    return fail("load the BPF program that follows forks: {}", base::errno_text(-error));
  }
  if (auto attached = attach_tracepoint(object->progs.process_fork); !attached) return attached;
  return attach_tracepoint(object->progs.process_exit);
}

Result<void> Programs::attach_tracepoint(const bpf_program* program) {
  auto& link = loaded_->links.emplace_back(bpf_program__attach(program));
  if (link) return {};
  return fail("attach {} to its tracepoint: {}", bpf_program__name(program),
              base::errno_text(errno));
}

Result<void> Programs::load_probes(const std::vector<Group>& groups) {
  groups_ = groups;
  probes_bpf* const object = probes_bpf::open();
  if (object == nullptr) return fail("open the BPF program: {}", base::errno_text(errno));
  loaded_->probes.reset(object);
  for (const Group group : groups) {
    object->rodata->valk_groups |= 1U << static_cast<unsigned>(group);
  }
  make_room(object->obj, max_targets_);
  for (const GroupSpec& spec : probe::groups()) {
    for (const SlotMap& map : spec.maps) {
      bpf_map__set_autocreate(bpf_object__find_map_by_name(object->obj, map.name), false);
    }
  }
  for (const GroupSpec& spec : probe::groups()) {
    if (!has(spec.group)) continue;
    for (const SlotMap& map : spec.maps) {
      bpf_map__set_autocreate(bpf_object__find_map_by_name(object->obj, map.name), true);
    }
  }
  if (method_ == AttachMethod::kUprobeMulti) {
    bpf_program__set_expected_attach_type(object->progs.on_probe, kTraceUprobeMulti);
  }
  if (auto shared = share(object->maps.counters, loaded_->process->maps.counters); !shared) {
    return shared;
  }
  if (const int error = probes_bpf::load(object); error != 0) {
    return fail("load the BPF program: {} (--log.level debug shows the kernel's words)",
                base::errno_text(-error));
  }
  return {};
}

Result<void> Programs::map_counters() {
  const std::size_t bytes = sizeof(valk_counters) * slots_for(max_targets_);
  void* memory = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, map_fd("counters"), 0);
  if (memory == MAP_FAILED) {
    return fail("map the BPF counters into memory: {}", base::errno_text(errno));
  }
  counters_ = {static_cast<valk_counters*>(memory), Unmap{bytes}};
  return {};
}

bpf_program* Programs::program() const {
  return loaded_->probes->progs.on_probe;
}

const bpf_map* Programs::find_map(const char* name) const {
  for (const bpf_object* const object : {loaded_->process->obj, loaded_->probes->obj}) {
    const bpf_map* map = bpf_object__find_map_by_name(object, name);
    // Since libbpf 1.4 one that was not created has a descriptor, too, which is no map.
    if (map != nullptr && bpf_map__autocreate(map)) return map;
  }
  return nullptr;
}

int Programs::map_fd(const char* name) const {
  const bpf_map* const map = find_map(name);
  return map == nullptr ? -1 : bpf_map__fd(map);
}

std::uint32_t Programs::max_entries(const char* name) const {
  const bpf_map* const map = find_map(name);
  return map == nullptr ? 0 : bpf_map__max_entries(map);
}

bool Programs::has(Group group) const {
  return contains(groups_, group);
}

Result<void> Programs::make_others(std::uint32_t slot) {
  for (const GroupSpec& spec : probe::groups()) {
    if (!has(spec.group)) continue;
    for (const SlotMap& map : spec.maps) {
      if (map.make_other == nullptr) continue;
      if (auto made = map.make_other(map_fd(map.name), slot); !made) return made;
    }
  }
  return {};
}

Result<void> Programs::watch(std::uint32_t slot, int pid) {
  __atomic_store_n(&counters_.get()[slot].execs, std::uint64_t{0}, __ATOMIC_RELAXED);
  if (bpf_map_update_elem(map_fd("targets"), &pid, &slot, BPF_ANY) != 0) {
    return fail("watch pid {}: {}", pid, base::errno_text(errno));
  }
  return {};
}

std::uint64_t Programs::execs_of(std::uint32_t slot) const {
  return __atomic_load_n(&counters_.get()[slot].execs, __ATOMIC_RELAXED);
}

void Programs::tell_heap_use(std::uint32_t slot, std::uint64_t offset) {
  const valk_gc_place place{.is_known = 1, .use_offset = offset};
  bpf_map_update_elem(map_fd("gc_places"), &slot, &place, BPF_ANY);
}

void Programs::unwatch(int pid) {
  bpf_map_delete_elem(map_fd("targets"), &pid);
}

// The maps have room for every slot's entry for what is past the limit, beside that limit.
void Programs::forget(std::uint32_t slot) {
  for (const GroupSpec& spec : probe::groups()) {
    if (!has(spec.group)) continue;
    for (const SlotMap& map : spec.maps) map.forget(map_fd(map.name), slot);
  }
  if (auto made = make_others(slot); !made) base::log_error("{}", made.error().message);
}

void Programs::forget_open(std::uint32_t slot, Group group) {
  if (!has(group)) return;
  for (const SlotMap& map : spec_of(group).maps) {
    if (map.holds_open) map.forget(map_fd(map.name), slot);
  }
}

}  // namespace probe
