// The groups of --probes: one row each, with everything that is particular to a group.
#pragma once

#include <valkyria/abi/dispatch.h>

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace probe {

// The handlers of a group stand in bpf/<group>.bpf.h.
enum class Group {
  kGc = VALK_GROUP_GC,
  kEval = VALK_GROUP_EVAL,
  kConnection = VALK_GROUP_CONNECTION,
  kHttp = VALK_GROUP_HTTP,
  kClient = VALK_GROUP_CLIENT,
  kLoop = VALK_GROUP_LOOP,
  kFunction = VALK_GROUP_FUNCTION,
};

// What a group costs the target while it is attached, by how often its probes fire.
enum class CostClass {
  kLight,   // now and then: a collection, a connection, a stalled turn
  kMedium,  // once for a piece of work: a request, an operation, a script's form
  kHeavy,   // many times within a piece of work: a function call
};

// A map of which each slot has a part.
struct SlotMap {
  const char* name;  // in bpf/
  // Empties the slot's part.
  void (*forget)(int map_fd, std::uint32_t slot);
  // Makes the slot's entry for what is past the map's limit, which must be there before the limit
  // is reached. Null: it has none.
  base::Result<void> (*make_other)(int map_fd, std::uint32_t slot);
  // It has no sums, but what has begun and not ended.
  bool holds_open = false;
};

struct GroupSpec {
  Group group;
  std::string_view name;
  CostClass cost;
  bool by_default;                // attached unless --probes says otherwise
  std::string_view hits;          // when it costs a hit, for --help
  std::span<const SlotMap> maps;  // made only where the group, or another that has them, is chosen
};

// Every group there is.
std::span<const GroupSpec> groups();

const GroupSpec& spec_of(Group group);

std::string_view name_of(Group group);
std::string_view name_of(CostClass cost);

// The groups that are attached by default, as --probes would name them.
std::string default_groups();

// Parses a list such as "gc,http". Fails on an unknown or empty word.
base::Result<std::vector<Group>> parse_groups(std::string_view list);

}  // namespace probe
