#include "probe/programs.h"

#include <bpf/bpf.h>
#include <spdlog/spdlog.h>
#include <sys/mman.h>
#include <valkyria/abi/client.h>
#include <valkyria/abi/connection.h>
#include <valkyria/abi/endpoint.h>
#include <valkyria/abi/eval.h>
#include <valkyria/abi/function.h>
#include <valkyria/abi/gc.h>
#include <valkyria/abi/http.h>
#include <valkyria/abi/loop.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "client.skel.h"
#include "connection.skel.h"
#include "eval.skel.h"
#include "function.skel.h"
#include "gc.skel.h"
#include "http.skel.h"
#include "loop.skel.h"
#include "process.skel.h"

namespace probe {
namespace {

using base::fail;
using base::Result;

// Maps that stand in several groups' objects and must be one map.
constexpr std::array kSharedMaps{"targets", "counters", "endpoint_names"};

constexpr std::size_t kCountersBytes = sizeof(valk_counters) * VALK_SLOTS;

struct Opened {
  std::unique_ptr<void, void (*)(void*)> skeleton;
  bpf_object* object;
};

template <typename Skeleton>
std::optional<Opened> open_skeleton(Filter filter) {
  Skeleton* skeleton = Skeleton::open();
  if (skeleton == nullptr) return std::nullopt;
  skeleton->rodata->valk_one_target = filter == Filter::kOneProcess;
  return Opened{{skeleton, [](void* object) { Skeleton::destroy(static_cast<Skeleton*>(object)); }},
                skeleton->obj};
}

// BPF_TRACE_UPROBE_MULTI of <linux/bpf.h> since Linux 6.6; Debian 12's header is older.
constexpr auto kTraceUprobeMulti = static_cast<bpf_attach_type>(48);

void prepare_for_multi(bpf_object* object) {
  bpf_program* program = nullptr;
  bpf_object__for_each_program(program, object) {
    bpf_program__set_expected_attach_type(program, kTraceUprobeMulti);
  }
}

std::optional<Opened> open_group(Group group, Filter filter) {
  switch (group) {
    case Group::kGc:
      return open_skeleton<gc_bpf>(filter);
    case Group::kHttp:
      return open_skeleton<http_bpf>(filter);
    case Group::kConnection:
      return open_skeleton<connection_bpf>(filter);
    case Group::kEval:
      return open_skeleton<eval_bpf>(filter);
    case Group::kClient:
      return open_skeleton<client_bpf>(filter);
    case Group::kLoop:
      return open_skeleton<loop_bpf>(filter);
    case Group::kFunction:
      return open_skeleton<function_bpf>(filter);
  }
  return std::nullopt;
}

// Deletes a hash map's entries whose key belongs to a slot. Deleting the current key would restart
// the walk, so the next one is fetched first.
template <typename Key>
void delete_slot(int map_fd, std::uint32_t slot) {
  if (map_fd < 0) return;
  Key key{};
  Key next{};
  bool more = bpf_map_get_next_key(map_fd, nullptr, &next) == 0;
  while (more) {
    key = next;
    more = bpf_map_get_next_key(map_fd, &key, &next) == 0;
    if (key.slot == slot) bpf_map_delete_elem(map_fd, &key);
  }
}

template <typename Value>
void zero_slot(int map_fd, std::uint32_t slot) {
  if (map_fd < 0) return;
  const Value zero{};
  bpf_map_update_elem(map_fd, &slot, &zero, BPF_ANY);
}

// The keys of the entries that count what is past a limit.
template <typename Key>
Key other_key(std::uint32_t slot);

template <>
valk_endpoint other_key(std::uint32_t slot) {
  return {.system = VALK_OTHER_ID,
          .server = VALK_OTHER_ID,
          .slot = slot,
          .port = 0,
          .tls = 0,
          .pad = 0};
}

template <>
valk_client_key other_key(std::uint32_t slot) {
  return {.client = VALK_OTHER_ID, .slot = slot, .pad = 0};
}

template <>
valk_function_key other_key(std::uint32_t slot) {
  valk_function_key key{};
  key.name[VALK_NAME_BYTES - 1] = 1;
  key.slot = slot;
  return key;
}

// The entry for what is past the limit must exist before the limit is reached.
template <typename Key, typename Value>
Result<void> make_other(int map_fd, std::uint32_t slot) {
  if (map_fd < 0) return {};
  const Key key = other_key<Key>(slot);
  const auto zero = std::make_unique<Value>();
  if (bpf_map_update_elem(map_fd, &key, zero.get(), BPF_ANY) != 0) {
    return fail("make room in a BPF map for target slot {}: {}", slot, base::errno_text(errno));
  }
  return {};
}

}  // namespace

void Programs::Unmap::operator()(valk_counters* counters) const {
  ::munmap(counters, kCountersBytes);
}

Result<Programs> Programs::load(const std::vector<Group>& groups, Filter filter,
                                AttachMethod method) {
  Programs programs(filter, method);
  if (auto followed = programs.follow_execs(); !followed) {
    return base::pass_on(followed);
  }
  for (const Group group : groups) {
    if (auto loaded = programs.load_group(group); !loaded) {
      return base::pass_on(loaded);
    }
  }
  if (auto mapped = programs.map_counters(); !mapped) return base::pass_on(mapped);
  for (std::uint32_t slot = 0; slot < VALK_MAX_TARGETS; ++slot) {
    if (auto made = programs.make_others(slot); !made) return base::pass_on(made);
  }
  return programs;
}

Result<void> Programs::load_group(Group group) {
  auto opened = open_group(group, filter_);
  if (!opened) {
    return fail("open the BPF programs of group {}: {}", name_of(group), base::errno_text(errno));
  }
  if (method_ == AttachMethod::kUprobeMulti) prepare_for_multi(opened->object);
  if (auto shared = share_maps(opened->object); !shared) return shared;
  if (const int error = bpf_object__load(opened->object); error != 0) {
    return fail(
        "load the BPF programs of group {}: {} (--log.level debug shows the kernel's words)",
        name_of(group), base::errno_text(-error));
  }
  loaded_.push_back({group, std::move(opened->skeleton), opened->object});
  return {};
}

Result<void> Programs::follow_execs() {
  auto opened = open_skeleton<process_bpf>(filter_);
  if (!opened) return fail("open the BPF program process: {}", base::errno_text(errno));
  if (const int error = bpf_object__load(opened->object); error != 0) {
    return fail("load the BPF program that follows execs: {}", base::errno_text(-error));
  }
  exec_link_.reset(
      bpf_program__attach(bpf_object__find_program_by_name(opened->object, "process_exec")));
  if (!exec_link_) {
    return fail("attach to the tracepoint sched_process_exec: {}", base::errno_text(errno));
  }
  loaded_.push_back({std::nullopt, std::move(opened->skeleton), opened->object});
  return {};
}

Result<void> Programs::share_maps(bpf_object* object) {
  for (const char* name : kSharedMaps) {
    bpf_map* map = bpf_object__find_map_by_name(object, name);
    const int fd = map_fd(name);
    if (map == nullptr || fd < 0) continue;
    if (const int error = bpf_map__reuse_fd(map, fd); error != 0) {
      return fail("share the BPF map {}: {}", name, base::errno_text(-error));
    }
  }
  return {};
}

Result<void> Programs::map_counters() {
  void* memory =
      ::mmap(nullptr, kCountersBytes, PROT_READ | PROT_WRITE, MAP_SHARED, map_fd("counters"), 0);
  if (memory == MAP_FAILED) {
    return fail("map the BPF counters into memory: {}", base::errno_text(errno));
  }
  counters_.reset(static_cast<valk_counters*>(memory));
  return {};
}

bpf_program* Programs::program(const ProbeSpec& spec) const {
  return spec.group ? program(*spec.group, spec.name) : nullptr;
}

bpf_program* Programs::program(Group group, std::string_view name) const {
  for (const Loaded& loaded : loaded_) {
    if (loaded.group != group) continue;
    return bpf_object__find_program_by_name(loaded.object, std::string(name).c_str());
  }
  return nullptr;
}

int Programs::map_fd(const char* name) const {
  for (const Loaded& loaded : loaded_) {
    const bpf_map* map = bpf_object__find_map_by_name(loaded.object, name);
    if (map != nullptr) return bpf_map__fd(map);
  }
  return -1;
}

bool Programs::has(Group group) const {
  for (const Loaded& loaded : loaded_) {
    if (loaded.group == group) return true;
  }
  return false;
}

Result<void> Programs::make_others(std::uint32_t slot) {
  for (const auto& made :
       {make_other<valk_endpoint, valk_http_server>(map_fd("http_servers"), slot),
        make_other<valk_endpoint, valk_connections>(map_fd("connections"), slot),
        make_other<valk_endpoint, valk_loop>(map_fd("loops"), slot),
        make_other<valk_client_key, valk_client>(map_fd("clients"), slot),
        make_other<valk_function_key, valk_function>(map_fd("functions"), slot)}) {
    if (!made) return made;
  }
  return {};
}

Result<void> Programs::watch(std::uint32_t slot, int pid) {
  const valk_target target{static_cast<std::uint32_t>(pid), 0};
  if (bpf_map_update_elem(map_fd("targets"), &slot, &target, BPF_ANY) != 0) {
    return fail("watch pid {}: {}", pid, base::errno_text(errno));
  }
  return {};
}

std::uint32_t Programs::execs_of(std::uint32_t slot) const {
  valk_target target{};
  bpf_map_lookup_elem(map_fd("targets"), &slot, &target);
  return target.execs;
}

void Programs::forget(std::uint32_t slot) {
  zero_slot<valk_target>(map_fd("targets"), slot);
  delete_slot<valk_gc_heap_key>(map_fd("gc_heaps"), slot);
  delete_slot<valk_gc_call_key>(map_fd("gc_calls"), slot);
  delete_slot<valk_endpoint>(map_fd("http_servers"), slot);
  delete_slot<valk_endpoint>(map_fd("connections"), slot);
  delete_slot<valk_endpoint>(map_fd("loops"), slot);
  delete_slot<valk_endpoint>(map_fd("endpoint_names"), slot);
  delete_slot<valk_client_key>(map_fd("clients"), slot);
  delete_slot<valk_client_key>(map_fd("client_names"), slot);
  delete_slot<valk_eval_context>(map_fd("open_evals"), slot);
  delete_slot<valk_call_key>(map_fd("function_calls"), slot);
  delete_slot<valk_function_key>(map_fd("functions"), slot);
  zero_slot<valk_evals>(map_fd("evals"), slot);
  // The maps have room for every slot's "other" entry beside their limit.
  if (auto made = make_others(slot); !made) spdlog::error("{}", made.error().message);
}

}  // namespace probe
