#include <numeric>

#include "probe/buckets.h"
#include "probe/endpoint_readings.h"

namespace probe {
namespace {

using model::ConnectionState;

// A system's connection statistics, in the shape of the connection group's map.
struct SystemSum {
  valk_connections connections{};
  valk_loop loop{};
  bool seen = false;
  const valk_http_server* requests = nullptr;  // of all its servers, from function probes
  bool by_function = false;
};

std::uint64_t opened_periods(const valk_http_server& server) {
  std::uint64_t periods = 0;
  for (const auto& kinds : server.requests) {
    const auto& columns = kinds[VALK_REQUEST_OPENED];
    periods = std::accumulate(std::begin(columns), std::end(columns), periods);
  }
  return periods;
}

// A request that found its connection idle tells of two transitions and two times: idle before
// it, active during it.
void add_requests(SystemSum& sum, const valk_http_server& server) {
  valk_connections& into = sum.connections;
  const std::uint64_t periods = opened_periods(server);
  into.transitions[VALK_STATE_IDLE][VALK_STATE_ACTIVE] += periods;
  into.transitions[VALK_STATE_ACTIVE][VALK_STATE_IDLE] += periods;
  for (const auto& kinds : server.requests) {
    add_buckets(into.duration[VALK_STATE_ACTIVE],
                std::span(kinds[VALK_REQUEST_OPENED]).first<VALK_BUCKETS>());
  }
  into.duration_sum_ns[VALK_STATE_ACTIVE] +=
      server.answered_sum_ns[VALK_REQUEST_OPENED] + server.given_up_sum_ns[VALK_REQUEST_OPENED];
  add_buckets(into.duration[VALK_STATE_IDLE], server.idle);
  into.duration_sum_ns[VALK_STATE_IDLE] += server.idle_sum_ns;
  sum.seen |= periods > 0;
}

// Function probes tell neither the server nor how long a connection was idle.
void add_requests_of(SystemSum& sum, const valk_endpoint& key, const valk_http_server& server) {
  if (key.system != VALK_ONLY_SYSTEM) {
    add_requests(sum, server);
    return;
  }
  sum.requests = &server;
  sum.by_function = true;
  sum.seen = true;
}

void add_connections(SystemSum& sum, const valk_endpoint& key,
                     const valk_connections& connections) {
  valk_connections& into = sum.connections;
  sum.by_function |= key.system == VALK_ONLY_SYSTEM;
  for (int from = 0; from < VALK_STATES; ++from) {
    for (int to = 0; to < VALK_STATES; ++to) {
      into.transitions[from][to] += connections.transitions[from][to];
      sum.seen |= connections.transitions[from][to] > 0;
    }
    add_buckets(into.duration[from], connections.duration[from]);
    into.duration_sum_ns[from] += connections.duration_sum_ns[from];
  }
}

void add_loop(SystemSum& sum, const valk_endpoint&, const valk_loop& loop) {
  add_buckets(sum.loop.stall, loop.stall);
  sum.loop.stall_sum_ns += loop.stall_sum_ns;
  sum.seen |= loop.stall_sum_ns > 0;
}

// Between active and idle, requests tell; everything else has a probe of its own.
bool is_told_by_requests(int from, int to) {
  return (from == VALK_STATE_ACTIVE && to == VALK_STATE_IDLE) ||
         (from == VALK_STATE_IDLE && to == VALK_STATE_ACTIVE);
}

// Transitions that every connection can take are there from the start, others when they occur.
bool is_usual(int from, int to) {
  switch (from) {
    case VALK_STATE_NONE:
      return to == VALK_STATE_CONNECTING;
    case VALK_STATE_CONNECTING:
      return to == VALK_STATE_IDLE || to == VALK_STATE_CLOSING;
    case VALK_STATE_ACTIVE:
      return to == VALK_STATE_IDLE;
    case VALK_STATE_IDLE:
      return to == VALK_STATE_ACTIVE || to == VALK_STATE_CLOSING;
    case VALK_STATE_CLOSING:
      return to == VALK_STATE_CLOSED;
    default:
      return false;
  }
}

// Functions are called at a connection's begin and end only.
bool is_told_by_functions(int from, int to) {
  return from == VALK_STATE_NONE || to == VALK_STATE_CLOSED;
}

std::vector<model::ConnectionTransition> transitions_of(const valk_connections& sum,
                                                        const ProbeSet& attached,
                                                        bool by_function) {
  std::vector<model::ConnectionTransition> transitions;
  for (int from = 0; from < VALK_STATES; ++from) {
    for (int to = 0; to < VALK_STATES; ++to) {
      const bool known = attached.test(is_told_by_requests(from, to) ? VALK_PROBE_REQUEST_END
                                                                     : VALK_PROBE_CONNECTION_STATE);
      if (by_function && !is_told_by_functions(from, to)) continue;
      const std::uint64_t count = sum.transitions[from][to];
      if (!known || (count == 0 && !is_usual(from, to))) continue;
      transitions.push_back(
          {static_cast<ConnectionState>(from), static_cast<ConnectionState>(to), count});
    }
  }
  return transitions;
}

// Times in active and idle come from both probes: one without the other would be half the truth.
std::vector<model::ConnectionStateDuration> durations_of(const valk_connections& sum,
                                                         const ProbeSet& attached,
                                                         bool by_function) {
  std::vector<model::ConnectionStateDuration> durations;
  if (by_function || !attached.test(VALK_PROBE_CONNECTION_STATE)) return durations;
  for (const int state :
       {VALK_STATE_CONNECTING, VALK_STATE_ACTIVE, VALK_STATE_IDLE, VALK_STATE_CLOSING}) {
    const bool needs_requests = state == VALK_STATE_ACTIVE || state == VALK_STATE_IDLE;
    if (needs_requests && !attached.test(VALK_PROBE_REQUEST_END)) continue;
    durations.push_back({static_cast<ConnectionState>(state),
                         to_histogram(sum.duration[state], sum.duration_sum_ns[state])});
  }
  return durations;
}

void tell_requests(model::SystemMetrics& metrics, const valk_http_server& requests) {
  __u64 buckets[VALK_BUCKETS] = {};
  std::uint64_t sum_ns = 0;
  for (const auto& kinds : requests.requests) {
    for (const auto& columns : kinds)
      add_buckets(buckets, std::span(columns).first<VALK_BUCKETS>());
  }
  for (int kind = 0; kind < VALK_REQUEST_KINDS; ++kind) {
    sum_ns += requests.answered_sum_ns[kind] + requests.given_up_sum_ns[kind];
  }
  metrics.request_duration_ns = to_http_histogram(buckets, sum_ns);
  metrics.request_bytes_sent = requests.bytes_sent;
  metrics.request_bytes_received = requests.bytes_received;
}

model::SystemMetrics metrics_of(const std::string& system, const SystemSum& sum,
                                const ProbeSet& attached) {
  model::SystemMetrics metrics;
  metrics.name = system;
  metrics.transitions = transitions_of(sum.connections, attached, sum.by_function);
  metrics.state_durations = durations_of(sum.connections, attached, sum.by_function);
  if (sum.requests != nullptr) tell_requests(metrics, *sum.requests);
  if (attached.test(VALK_PROBE_LOOP_STALL)) {
    metrics.loop_stall_ns = to_histogram(sum.loop.stall, sum.loop.stall_sum_ns);
  }
  return metrics;
}

}  // namespace

model::SystemMetrics untouched_system(const Attached& attached) {
  const valk_http_server no_requests{};
  SystemSum sum;
  sum.by_function = attached.means == Means::kFunctions;
  if (sum.by_function && attached.probes.test(VALK_PROBE_REQUEST_END)) sum.requests = &no_requests;
  return metrics_of({}, sum, attached.probes);
}

std::vector<model::SystemMetrics> system_metrics(const SystemEntries& entries,
                                                 const EndpointNames& names, std::uint32_t slot,
                                                 const ProbeSet& attached) {
  std::map<std::string, SystemSum> sums;
  const auto sum_up = [&](const auto& map_entries, const auto& add) {
    for (const auto& [key, entry] : map_entries) {
      const EndpointName* name = key.slot == slot ? names.find(key) : nullptr;
      if (name != nullptr) add(sums[name->system], key, entry);
    }
  };
  sum_up(entries.servers, add_requests_of);
  sum_up(entries.connections, add_connections);
  sum_up(entries.loops, add_loop);
  std::vector<model::SystemMetrics> metrics;
  for (const auto& [system, sum] : sums) {
    if (sum.seen) metrics.push_back(metrics_of(system, sum, attached));
  }
  return metrics;
}

}  // namespace probe
