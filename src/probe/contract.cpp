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
    ProbeSpec{"gc__request", 3, Group::kGc, VALK_PROBE_GC_REQUEST, VALK_ON_GC_REQUEST},
    ProbeSpec{"gc__arrive", 3, Group::kGc, VALK_PROBE_GC_ARRIVE, VALK_ON_GC_ARRIVE},
    ProbeSpec{"gc__begin", 6, Group::kGc, VALK_PROBE_GC_BEGIN, VALK_ON_GC_BEGIN},
    ProbeSpec{"gc__end", 6, Group::kGc, VALK_PROBE_GC_END, VALK_ON_GC_END},
    ProbeSpec{"eval__begin", 3, Group::kEval, VALK_PROBE_EVAL_BEGIN, VALK_ON_EVAL_BEGIN},
    ProbeSpec{"eval__end", 4, Group::kEval, VALK_PROBE_EVAL_END, VALK_ON_EVAL_END},
    ProbeSpec{"connection__state", 10, Group::kConnection, VALK_PROBE_CONNECTION_STATE,
              VALK_ON_CONNECTION_STATE},
    ProbeSpec{"request__end", 12, Group::kHttp, VALK_PROBE_REQUEST_END, VALK_ON_REQUEST_END},
    ProbeSpec{"overload", 7, Group::kHttp, VALK_PROBE_OVERLOAD, VALK_ON_OVERLOAD},
    ProbeSpec{"client__operation", 6, Group::kClient, VALK_PROBE_CLIENT_OPERATION,
              VALK_ON_CLIENT_OPERATION},
    ProbeSpec{"client__cache", 4, Group::kClient, VALK_PROBE_CLIENT_CACHE, VALK_ON_CLIENT_CACHE},
    ProbeSpec{"loop__stall", 3, Group::kLoop, VALK_PROBE_LOOP_STALL, VALK_ON_LOOP_STALL},
    ProbeSpec{"function__entry", 3, Group::kFunction, VALK_PROBE_FUNCTION_ENTRY,
              VALK_ON_FUNCTION_ENTRY},
    ProbeSpec{"function__return", 3, Group::kFunction, VALK_PROBE_FUNCTION_RETURN,
              VALK_ON_FUNCTION_RETURN},
};

}  // namespace

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
