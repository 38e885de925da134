#include "probe/members_of_probe.h"

#include <algorithm>
#include <array>

namespace probe {
namespace {

using model::ClientMetrics;
using model::EvalMetrics;
using model::FunctionMetrics;
using model::GcMetrics;
using model::Member;
using model::ServerMetrics;
using model::SystemMetrics;
using Members = std::span<const Member>;

constexpr std::array<Member, 1> kGcRequest{&GcMetrics::time_to_safepoint_ns};
constexpr std::array<Member, 4> kGcBegin{&GcMetrics::pause_ns_total, &GcMetrics::pause_ns_max,
                                         &GcMetrics::pause_ns, &GcMetrics::time_to_safepoint_ns};
constexpr std::array<Member, 9> kGcEnd{
    &GcMetrics::cycles,          &GcMetrics::pause_ns_total,          &GcMetrics::pause_ns_max,
    &GcMetrics::reclaimed_bytes, &GcMetrics::heap_total_bytes,        &GcMetrics::heap_live_bytes,
    &GcMetrics::trigger_bytes,   &GcMetrics::last_collection_unix_ns, &GcMetrics::pause_ns};
constexpr std::array<Member, 1> kEval{&EvalMetrics::duration_ns};
constexpr std::array<Member, 2> kConnectionState{&SystemMetrics::transitions,
                                                 &SystemMetrics::state_durations};
constexpr std::array<Member, 8> kRequestEnd{
    &ServerMetrics::requests,        &ServerMetrics::request_duration_ns,
    &ServerMetrics::request_eval_ns, &ServerMetrics::request_gc_pause_ns,
    &ServerMetrics::bytes_sent,      &ServerMetrics::bytes_received,
    &SystemMetrics::transitions,     &SystemMetrics::state_durations};
constexpr std::array<Member, 1> kOverload{&ServerMetrics::overload_responses};
constexpr std::array<Member, 5> kClientOperation{
    &ClientMetrics::operations, &ClientMetrics::errors, &ClientMetrics::retries,
    &ClientMetrics::duration_ns, &ClientMetrics::latency};
constexpr std::array<Member, 2> kClientCache{&ClientMetrics::cache_hits,
                                             &ClientMetrics::cache_misses};
constexpr std::array<Member, 1> kLoopStall{&SystemMetrics::loop_stall_ns};
constexpr std::array<Member, 1> kFunction{&FunctionMetrics::duration_ns};

// What function probes tell.
constexpr std::array<Member, 3> kFunctionGcBegin{&GcMetrics::pause_ns_total,
                                                 &GcMetrics::pause_ns_max, &GcMetrics::pause_ns};
constexpr std::array<Member, 6> kFunctionGcEnd{
    &GcMetrics::cycles,          &GcMetrics::pause_ns_total,          &GcMetrics::pause_ns_max,
    &GcMetrics::reclaimed_bytes, &GcMetrics::last_collection_unix_ns, &GcMetrics::pause_ns};
constexpr std::array<Member, 1> kFunctionConnectionState{&SystemMetrics::transitions};
constexpr std::array<Member, 3> kFunctionRequestEnd{&SystemMetrics::request_duration_ns,
                                                    &SystemMetrics::request_bytes_sent,
                                                    &SystemMetrics::request_bytes_received};

constexpr std::string_view kHeavy = "heavy";

struct Use {
  std::string_view probe;
  std::string_view cost;
  Members members;
};

// In the contract's order.
constexpr std::array kUses{
    Use{"gc__request", "light", kGcRequest},
    Use{"gc__arrive", "light", {}},
    Use{"gc__begin", "light", kGcBegin},
    Use{"gc__end", "light", kGcEnd},
    Use{"eval__begin", "medium", kEval},
    Use{"eval__end", "medium", kEval},
    Use{"connection__state", "light", kConnectionState},
    Use{"request__end", "medium", kRequestEnd},
    Use{"overload", "medium", kOverload},
    Use{"client__operation", "medium", kClientOperation},
    Use{"client__cache", "medium", kClientCache},
    Use{"loop__stall", "light", kLoopStall},
    Use{"function__entry", kHeavy, kFunction},
    Use{"function__return", kHeavy, kFunction},
};

const Use* find_use(std::string_view probe) {
  const auto* found =
      std::find_if(kUses.begin(), kUses.end(), [&](const Use& use) { return use.probe == probe; });
  return found == kUses.end() ? nullptr : found;
}

bool is_heavy(Group group) {
  return std::any_of(contract().begin(), contract().end(), [&](const ProbeSpec& spec) {
    return spec.group == group && cost_of_probe(spec.name) == kHeavy;
  });
}

}  // namespace

std::string_view cost_of_probe(std::string_view probe) {
  const Use* use = find_use(probe);
  return use == nullptr ? std::string_view() : use->cost;
}

Members members_of_probe(std::string_view probe, Means means) {
  if (means == Means::kFunctions) {
    if (probe == "gc__begin") return kFunctionGcBegin;
    if (probe == "gc__end") return kFunctionGcEnd;
    if (probe == "connection__state") return kFunctionConnectionState;
    if (probe == "request__end") return kFunctionRequestEnd;
  }
  const Use* use = find_use(probe);
  return use == nullptr ? Members() : use->members;
}

bool tells_events(std::string_view probe) {
  return probe == "gc__arrive" || probe == "gc__end" || probe == "loop__stall";
}

std::vector<Member> members_of(const Attached& attached) {
  std::vector<Member> all;
  for (const ProbeSpec& spec : contract()) {
    if (!spec.hit_slot || !attached.probes.test(*spec.hit_slot)) continue;
    const Members members = members_of_probe(spec.name, attached.means);
    all.insert(all.end(), members.begin(), members.end());
  }
  if (attached.knows_heap_use && attached.probes.test(VALK_PROBE_GC_END)) {
    all.emplace_back(&GcMetrics::heap_live_bytes);
  }
  return all;
}

std::vector<Group> groups_to_try() {
  std::vector<Group> chosen;
  for (const ProbeSpec& spec : contract()) {
    if (!spec.group || is_heavy(*spec.group)) continue;
    if (std::find(chosen.begin(), chosen.end(), *spec.group) == chosen.end()) {
      chosen.push_back(*spec.group);
    }
  }
  return chosen;
}

}  // namespace probe
