#include "probe/contract.h"

#include <valkyria/abi/codes.h>

#include <algorithm>

namespace probe {
namespace {

constexpr std::array<std::string_view, 12> kPinnedOperands{"8@%rdi", "8@%rsi", "8@%rdx", "8@%rcx",
                                                           "8@%r8",  "8@%r9",  "8@%rax", "8@%r10",
                                                           "8@%r11", "8@%rbx", "8@%r12", "8@%r13"};

constexpr std::array kContract{
    ProbeSpec{"gc__request", 3, Group::kGc, VALK_PROBE_GC_REQUEST},
    ProbeSpec{"gc__arrive", 3, std::nullopt, std::nullopt},
    ProbeSpec{"gc__begin", 6, Group::kGc, VALK_PROBE_GC_BEGIN},
    ProbeSpec{"gc__end", 6, Group::kGc, VALK_PROBE_GC_END},
    ProbeSpec{"eval__begin", 3, std::nullopt, std::nullopt},
    ProbeSpec{"eval__end", 4, std::nullopt, std::nullopt},
    ProbeSpec{"connection__state", 10, Group::kConnection, VALK_PROBE_CONNECTION_STATE},
    ProbeSpec{"request__end", 12, Group::kHttp, VALK_PROBE_REQUEST_END},
    ProbeSpec{"overload", 7, Group::kHttp, VALK_PROBE_OVERLOAD},
    ProbeSpec{"client__operation", 6, std::nullopt, std::nullopt},
    ProbeSpec{"client__cache", 4, std::nullopt, std::nullopt},
    ProbeSpec{"loop__stall", 3, std::nullopt, std::nullopt},
    ProbeSpec{"function__entry", 3, std::nullopt, std::nullopt},
    ProbeSpec{"function__return", 3, std::nullopt, std::nullopt},
};

}  // namespace

std::string_view name_of(Group group) {
  switch (group) {
    case Group::kGc:
      return "gc";
    case Group::kHttp:
      return "http";
    case Group::kConnection:
      return "connection";
  }
  return "unknown";
}

base::Result<std::vector<Group>> parse_groups(std::string_view list) {
  std::vector<Group> groups;
  for (;;) {
    const std::size_t comma = list.find(',');
    const std::string_view word = list.substr(0, comma);
    const auto* found = std::find_if(kAllGroups.begin(), kAllGroups.end(),
                                     [&](Group group) { return name_of(group) == word; });
    if (found == kAllGroups.end()) {
      return base::fail("probe group \"{}\": use gc, http, connection, separated by commas", word);
    }
    if (std::find(groups.begin(), groups.end(), *found) == groups.end()) groups.push_back(*found);
    if (comma == std::string_view::npos) return groups;
    list.remove_prefix(comma + 1);
  }
}

std::span<const ProbeSpec> contract() {
  return kContract;
}

const ProbeSpec* find_probe(std::string_view name) {
  const auto* found = std::find_if(kContract.begin(), kContract.end(),
                                   [&](const ProbeSpec& spec) { return spec.name == name; });
  return found == kContract.end() ? nullptr : found;
}

std::string_view pinned_operand(std::size_t index) {
  return kPinnedOperands.at(index);
}

}  // namespace probe
