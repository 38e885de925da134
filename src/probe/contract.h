// The probe contract as data: what <valkyria/probes.h> promises about each probe.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace probe {

inline constexpr std::string_view kProvider = "valkyria";

// Groups of --probes. A group has one BPF object, bpf/<group>.bpf.c.
enum class Group { kGc, kEval, kConnection, kHttp, kClient, kLoop, kFunction };

// What a group costs the target while it is attached, by how often its probes fire.
enum class CostClass {
  kLight,   // now and then: a collection, a connection, a stalled turn
  kMedium,  // once for a piece of work: a request, an operation, a script's form
  kHeavy,   // many times within a piece of work: a function call
};

struct GroupSpec {
  Group group;
  std::string_view name;
  CostClass cost;
  bool by_default;        // attached unless --probes says otherwise
  std::string_view hits;  // when it costs a hit, for --help
};

// Every group there is.
std::span<const GroupSpec> groups();

std::string_view name_of(Group group);
std::string_view name_of(CostClass cost);

// The groups that are attached by default, as --probes would name them.
std::string default_groups();

// Parses a list such as "gc,http". Fails on an unknown or empty word.
base::Result<std::vector<Group>> parse_groups(std::string_view list);

struct ProbeSpec {
  std::string_view name;
  std::size_t arguments;                // how many, in the pinned registers
  std::optional<Group> group;           // none: no group counts it yet
  std::optional<std::size_t> hit_slot;  // its index in valk_counters::hits, where a program has it
};

// Every probe of the contract, in its order.
std::span<const ProbeSpec> contract();

// The spec of a probe, if it is in the contract.
const ProbeSpec* find_probe(std::string_view name);

// The operand that argument number `index` must have, such as "8@%rdi". index < 12.
std::string_view pinned_operand(std::size_t index);

}  // namespace probe
