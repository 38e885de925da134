// The probe contract as data: what <valkyria/probes.h> promises about each probe.
#pragma once

#include <valkyria/abi/dispatch.h>

#include <cstddef>
#include <optional>
#include <span>
#include <string_view>

#include "probe/groups.h"

namespace probe {

inline constexpr std::string_view kProvider = "valkyria";

struct ProbeSpec {
  std::string_view name;
  std::size_t arguments;                // how many, in the pinned registers
  std::optional<Group> group;           // none: no group counts it yet
  std::optional<std::size_t> hit_slot;  // its index in valk_counters::hits, where a handler has it
  std::optional<valk_handler> handler;  // what runs at its sites
};

// Every probe of the contract, in its order.
std::span<const ProbeSpec> contract();

// The spec of a probe, if it is in the contract.
const ProbeSpec* find_probe(std::string_view name);

// The operand that argument number `index` must have, such as "8@%rdi". index < 12.
std::string_view pinned_operand(std::size_t index);

}  // namespace probe
