#include "watch/merge.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>
#include <vector>

#include "watch/sources.h"

namespace watch {
namespace {

using model::ClientMetrics;
using model::Count;
using model::GcMetrics;
using model::ServerMetrics;
using model::SystemMetrics;
using Sources = std::vector<model::FamilySource>;

// A number that both sources may know.
template <typename Owner>
struct Choice {
  std::string_view family;
  Count Owner::*count;
};

constexpr std::array kGcChoices{
    Choice{"valk_gc_cycles_total", &GcMetrics::cycles},
    Choice{"valk_gc_pause_seconds_total", &GcMetrics::pause_ns_total},
    Choice{"valk_gc_pause_seconds_max", &GcMetrics::pause_ns_max},
    Choice{"valk_gc_reclaimed_bytes_total", &GcMetrics::reclaimed_bytes},
    Choice{"valk_gc_heap_total_bytes", &GcMetrics::heap_total_bytes},
    Choice{"valk_gc_trigger_bytes", &GcMetrics::trigger_bytes},
};

constexpr std::array kServerChoices{
    Choice{"http_bytes_sent_total", &ServerMetrics::bytes_sent},
    Choice{"http_bytes_recv_total", &ServerMetrics::bytes_received},
    Choice{"http_overload_responses_total", &ServerMetrics::overload_responses},
};

constexpr std::array kClientChoices{
    Choice{"http_client_operations_total", &ClientMetrics::operations},
    Choice{"http_client_errors_total", &ClientMetrics::errors},
    Choice{"http_client_retries_total", &ClientMetrics::retries},
    Choice{"http_client_cache_hits_total", &ClientMetrics::cache_hits},
    Choice{"http_client_cache_misses_total", &ClientMetrics::cache_misses},
};

// Takes from the probes' object what doesn't come from the state's, which `into` begins as.
template <typename Owner, std::size_t count>
void take_counts(Owner& into, const Owner& probes, const std::array<Choice<Owner>, count>& choices,
                 const Sources& sources) {
  for (const Choice<Owner>& choice : choices) {
    if (!comes_from_state(sources, choice.family)) into.*choice.count = probes.*choice.count;
  }
}

bool same(const SystemMetrics& a, const SystemMetrics& b) {
  return a.name == b.name;
}

bool same(const ServerMetrics& a, const ServerMetrics& b) {
  return a.port == b.port && a.host == b.host && a.protocol == b.protocol;
}

bool same(const ClientMetrics& a, const ClientMetrics& b) {
  return a.name == b.name && a.type == b.type;
}

SystemMetrics named_like(const SystemMetrics& other) {
  SystemMetrics metrics;
  metrics.name = other.name;
  return metrics;
}

ServerMetrics named_like(const ServerMetrics& other) {
  ServerMetrics metrics;
  metrics.host = other.host;
  metrics.port = other.port;
  metrics.protocol = other.protocol;
  return metrics;
}

ClientMetrics named_like(const ClientMetrics& other) {
  ClientMetrics metrics;
  metrics.name = other.name;
  metrics.type = other.type;
  return metrics;
}

void take(SystemMetrics& into, SystemMetrics probes, const Sources&) {
  into.transitions = std::move(probes.transitions);
  into.state_durations = std::move(probes.state_durations);
  into.loop_stall_ns = std::move(probes.loop_stall_ns);
  into.request_duration_ns = std::move(probes.request_duration_ns);
  into.request_bytes_sent = probes.request_bytes_sent;
  into.request_bytes_received = probes.request_bytes_received;
}

void take(ServerMetrics& into, ServerMetrics probes, const Sources& sources) {
  take_counts(into, probes, kServerChoices, sources);
  if (!comes_from_state(sources, "http_requests_total")) {
    into.requests = std::move(probes.requests);
  }
  if (!comes_from_state(sources, "http_request_duration_seconds")) {
    into.request_duration_ns = std::move(probes.request_duration_ns);
  }
}

void take(ClientMetrics& into, ClientMetrics probes, const Sources& sources) {
  take_counts(into, probes, kClientChoices, sources);
  if (!comes_from_state(sources, "http_client_latency_seconds_avg")) {
    into.latency = std::nullopt;
    if (probes.duration_ns) {
      into.latency = model::DurationSum{probes.duration_ns->sum_ns, probes.duration_ns->count()};
    }
  }
  if (!comes_from_state(sources, "http_client_request_duration_seconds")) {
    into.duration_ns = std::move(probes.duration_ns);
  }
}

// Pairs up what is the same in both. Names may stand twice in either: the n-th goes with the n-th.
template <typename Owner>
std::vector<Owner> merge_lists(std::vector<Owner> probes, std::vector<Owner> state,
                               const Sources& sources) {
  std::vector<Owner> merged;
  for (Owner& owner : state) {
    const auto found = std::find_if(probes.begin(), probes.end(),
                                    [&](const Owner& other) { return same(owner, other); });
    Owner from_probes = found == probes.end() ? named_like(owner) : std::move(*found);
    if (found != probes.end()) probes.erase(found);
    take(owner, std::move(from_probes), sources);
    merged.push_back(std::move(owner));
  }
  for (Owner& owner : probes) {
    Owner alone = named_like(owner);
    take(alone, std::move(owner), sources);
    merged.push_back(std::move(alone));
  }
  return merged;
}

void take_gc(GcMetrics& into, GcMetrics probes, const Sources& sources) {
  take_counts(into, probes, kGcChoices, sources);
  into.pause_ns = std::move(probes.pause_ns);
  into.time_to_safepoint_ns = std::move(probes.time_to_safepoint_ns);
}

}  // namespace

void merge(model::TargetMetrics& metrics, probe::Readings probes, state::Readings state) {
  const Sources& sources = metrics.sources;
  metrics.gc = std::move(state.gc);
  take_gc(metrics.gc, std::move(probes.gc), sources);
  metrics.interpreter = state.interpreter;
  metrics.systems = merge_lists(std::move(probes.systems), std::move(state.systems), sources);
  metrics.servers = merge_lists(std::move(probes.servers), std::move(state.servers), sources);
  metrics.clients = merge_lists(std::move(probes.clients), std::move(state.clients), sources);
  metrics.evals = std::move(probes.evals);
  metrics.functions = std::move(probes.functions);
  metrics.registry = std::move(state.registry);
}

}  // namespace watch
