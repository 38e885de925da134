#include "probe/families_of_probe.h"

#include <algorithm>
#include <array>

namespace probe {
namespace {

using Names = std::span<const std::string_view>;

constexpr std::array<std::string_view, 1> kGcRequest{"valk_gc_time_to_safepoint_seconds"};
constexpr std::array<std::string_view, 4> kGcBegin{
    "valk_gc_pause_seconds_total", "valk_gc_pause_seconds_max", "valk_gc_pause_duration_seconds",
    "valk_gc_time_to_safepoint_seconds"};
constexpr std::array<std::string_view, 7> kGcEnd{
    "valk_gc_cycles_total",          "valk_gc_pause_seconds_total", "valk_gc_pause_seconds_max",
    "valk_gc_reclaimed_bytes_total", "valk_gc_heap_total_bytes",    "valk_gc_trigger_bytes",
    "valk_gc_pause_duration_seconds"};
constexpr std::array<std::string_view, 1> kEval{"valk_eval_duration_seconds"};
constexpr std::array<std::string_view, 2> kConnectionState{
    "valk_aio_connection_transitions_total", "valk_aio_connection_state_duration_seconds"};
constexpr std::array<std::string_view, 6> kRequestEnd{"http_requests_total",
                                                      "http_request_duration_seconds",
                                                      "http_bytes_sent_total",
                                                      "http_bytes_recv_total",
                                                      "valk_aio_connection_transitions_total",
                                                      "valk_aio_connection_state_duration_seconds"};
constexpr std::array<std::string_view, 1> kOverload{"http_overload_responses_total"};
constexpr std::array<std::string_view, 5> kClientOperation{
    "http_client_operations_total", "http_client_errors_total", "http_client_retries_total",
    "http_client_request_duration_seconds", "http_client_latency_seconds_avg"};
constexpr std::array<std::string_view, 2> kClientCache{"http_client_cache_hits_total",
                                                       "http_client_cache_misses_total"};
constexpr std::array<std::string_view, 1> kLoopStall{"valk_loop_stall_duration_seconds"};
constexpr std::array<std::string_view, 1> kFunction{"valk_function_duration_seconds"};

// What function probes tell.
constexpr std::array<std::string_view, 3> kFunctionGcBegin{
    "valk_gc_pause_seconds_total", "valk_gc_pause_seconds_max", "valk_gc_pause_duration_seconds"};
constexpr std::array<std::string_view, 5> kFunctionGcEnd{
    "valk_gc_cycles_total", "valk_gc_pause_seconds_total", "valk_gc_pause_seconds_max",
    "valk_gc_reclaimed_bytes_total", "valk_gc_pause_duration_seconds"};
constexpr std::array<std::string_view, 1> kFunctionConnectionState{
    "valk_aio_connection_transitions_total"};
constexpr std::array<std::string_view, 3> kFunctionRequestEnd{"valk_aio_request_duration_seconds",
                                                              "valk_aio_request_bytes_sent_total",
                                                              "valk_aio_request_bytes_recv_total"};

constexpr std::string_view kHeavy = "heavy";

struct Use {
  std::string_view probe;
  std::string_view cost;
  Names families;
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

Names families_of_probe(std::string_view probe, Means means) {
  if (means == Means::kFunctions) {
    if (probe == "gc__begin") return kFunctionGcBegin;
    if (probe == "gc__end") return kFunctionGcEnd;
    if (probe == "connection__state") return kFunctionConnectionState;
    if (probe == "request__end") return kFunctionRequestEnd;
  }
  const Use* use = find_use(probe);
  return use == nullptr ? Names() : use->families;
}

std::vector<std::string_view> families_of(const Attached& attached) {
  std::vector<std::string_view> all;
  for (const ProbeSpec& spec : contract()) {
    if (!spec.hit_slot || !attached.probes.test(*spec.hit_slot)) continue;
    const Names families = families_of_probe(spec.name, attached.means);
    all.insert(all.end(), families.begin(), families.end());
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
