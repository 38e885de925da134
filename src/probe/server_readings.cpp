#include <numeric>

#include "probe/buckets.h"
#include "probe/endpoint_readings.h"

namespace probe {
namespace {

using model::ServerMetrics;
using model::StatusClass;

std::uint64_t sum_of(std::span<const __u64> numbers) {
  return std::accumulate(numbers.begin(), numbers.end(), std::uint64_t{0});
}

std::uint64_t requests_of_class(const valk_http_server& server, int status_class) {
  return sum_of(server.requests[status_class][VALK_REQUEST_JOINED]) +
         sum_of(server.requests[status_class][VALK_REQUEST_OPENED]);
}

// The usual classes are always there once a server was seen, the odd ones when they occur.
std::vector<model::StatusCount> status_counts(const valk_http_server& server) {
  constexpr struct {
    StatusClass status;
    int row;
    bool always;
  } kRows[] = {{StatusClass::k1xx, 1, false}, {StatusClass::k2xx, 2, true},
               {StatusClass::k3xx, 3, true},  {StatusClass::k4xx, 4, true},
               {StatusClass::k5xx, 5, true},  {StatusClass::kOther, VALK_STATUS_OTHER, false}};
  std::vector<model::StatusCount> counts;
  for (const auto& row : kRows) {
    const std::uint64_t count = requests_of_class(server, row.row);
    if (row.always || count > 0) counts.push_back({row.status, count});
  }
  return counts;
}

model::Histogram answered_durations(const valk_http_server& server) {
  __u64 buckets[VALK_BUCKETS] = {};
  for (int status = VALK_STATUS_GIVEN_UP + 1; status < VALK_STATUS_CLASSES; ++status) {
    for (const auto& columns : server.requests[status]) {
      add_buckets(buckets, std::span(columns).first<VALK_BUCKETS>());
    }
  }
  return to_http_histogram(buckets, sum_of(server.answered_sum_ns));
}

// None: there was none yet, or it was just being written.
std::optional<model::PausedRequest> paused_request(const valk_paused_request& note) {
  if (note.begun == 0 || note.begun != note.written) return std::nullopt;
  return model::PausedRequest{note.duration_ns, note.ended_ns, note.heap, note.cycle};
}

bool is_untouched(const valk_http_server& server) {
  std::uint64_t events = sum_of(server.overloads);
  for (int status = 0; status < VALK_STATUS_CLASSES; ++status) {
    events += requests_of_class(server, status);
  }
  return events == 0;
}

ServerMetrics metrics_of(const valk_http_server& server, const EndpointName& name,
                         const ProbeSet& attached, bool stops_world) {
  ServerMetrics metrics;
  metrics.host = name.host;
  metrics.port = name.port;
  metrics.protocol = name.protocol;
  if (attached.test(VALK_PROBE_REQUEST_END)) {
    metrics.requests = status_counts(server);
    metrics.request_duration_ns = answered_durations(server);
    metrics.request_eval_ns = to_histogram(server.eval, server.eval_sum_ns);
    if (stops_world) metrics.request_gc_pause_ns = server.gc_pause_sum_ns;
    metrics.paused_request = paused_request(server.paused);
    metrics.bytes_sent = server.bytes_sent;
    metrics.bytes_received = server.bytes_received;
  }
  if (attached.test(VALK_PROBE_OVERLOAD)) metrics.overload_responses = sum_of(server.overloads);
  return metrics;
}

}  // namespace

// Function probes don't tell of servers.
ServerMetrics untouched_server(const Attached& attached, bool stops_world) {
  if (attached.means != Means::kSites) return {};
  return metrics_of({}, {}, attached.probes, stops_world);
}

std::vector<ServerMetrics> server_metrics(const ServerEntries& servers, const EndpointNames& names,
                                          std::uint32_t slot, const ProbeSet& attached,
                                          bool stops_world) {
  std::vector<ServerMetrics> metrics;
  for (const auto& [key, server] : servers) {
    if (key.slot != slot || key.system == VALK_ONLY_SYSTEM || is_untouched(server)) continue;
    const EndpointName* name = names.find(key);
    if (name != nullptr) metrics.push_back(metrics_of(server, *name, attached, stops_world));
  }
  return metrics;
}

}  // namespace probe
