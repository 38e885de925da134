#include "probe/contract.h"

#include <valkyria/abi/codes.h>

#include <algorithm>
#include <array>

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
    ProbeSpec{"eval__begin", 3, Group::kEval, VALK_PROBE_EVAL_BEGIN},
    ProbeSpec{"eval__end", 4, Group::kEval, VALK_PROBE_EVAL_END},
    ProbeSpec{"connection__state", 10, Group::kConnection, VALK_PROBE_CONNECTION_STATE},
    ProbeSpec{"request__end", 12, Group::kHttp, VALK_PROBE_REQUEST_END},
    ProbeSpec{"overload", 7, Group::kHttp, VALK_PROBE_OVERLOAD},
    ProbeSpec{"client__operation", 6, Group::kClient, VALK_PROBE_CLIENT_OPERATION},
    ProbeSpec{"client__cache", 4, Group::kClient, VALK_PROBE_CLIENT_CACHE},
    ProbeSpec{"loop__stall", 3, Group::kLoop, VALK_PROBE_LOOP_STALL},
    ProbeSpec{"function__entry", 3, Group::kFunction, VALK_PROBE_FUNCTION_ENTRY},
    ProbeSpec{"function__return", 3, Group::kFunction, VALK_PROBE_FUNCTION_RETURN},
};

constexpr std::array kGroups{
    GroupSpec{Group::kGc, "gc", CostClass::kLight, true, "three hits a collection"},
    GroupSpec{Group::kEval, "eval", CostClass::kMedium, true,
              "two hits a script form, REPL line, timer or task"},
    GroupSpec{Group::kConnection, "connection", CostClass::kLight, true, "four hits a connection"},
    GroupSpec{Group::kHttp, "http", CostClass::kMedium, true, "one hit a request"},
    GroupSpec{Group::kClient, "client", CostClass::kMedium, true,
              "one hit an operation and one a cache look-up"},
    GroupSpec{Group::kLoop, "loop", CostClass::kLight, true,
              "one hit a turn of the event loop that takes a millisecond"},
    GroupSpec{Group::kFunction, "function", CostClass::kHeavy, false,
              "two hits a call of a Lisp function"},
};

}  // namespace

std::span<const GroupSpec> groups() {
  return kGroups;
}

std::string_view name_of(Group group) {
  for (const GroupSpec& spec : kGroups) {
    if (spec.group == group) return spec.name;
  }
  return "unknown";
}

std::string_view name_of(CostClass cost) {
  switch (cost) {
    case CostClass::kLight:
      return "light";
    case CostClass::kMedium:
      return "medium";
    case CostClass::kHeavy:
      return "heavy";
  }
  return "unknown";
}

std::string default_groups() {
  std::string list;
  for (const GroupSpec& spec : kGroups) {
    if (!spec.by_default) continue;
    list += list.empty() ? "" : ",";
    list += spec.name;
  }
  return list;
}

base::Result<std::vector<Group>> parse_groups(std::string_view list) {
  std::vector<Group> chosen;
  for (;;) {
    const std::size_t comma = list.find(',');
    const std::string_view word = list.substr(0, comma);
    const auto* found = std::find_if(kGroups.begin(), kGroups.end(),
                                     [&](const GroupSpec& spec) { return spec.name == word; });
    if (found == kGroups.end()) {
      return base::fail("probe group \"{}\": use {}, function, separated by commas", word,
                        default_groups());
    }
    if (std::find(chosen.begin(), chosen.end(), found->group) == chosen.end()) {
      chosen.push_back(found->group);
    }
    if (comma == std::string_view::npos) return chosen;
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
