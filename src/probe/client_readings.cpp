#include "probe/client_readings.h"

#include <valkyria/abi/endpoint.h>

#include <compare>
#include <map>
#include <numeric>
#include <optional>
#include <string>

#include "probe/buckets.h"
#include "probe/text.h"

namespace probe {
namespace {

struct ClientName {
  std::string name;
  std::string type;

  friend auto operator<=>(const ClientName&, const ClientName&) = default;
};

using ClientNames = std::map<std::uint64_t, ClientName>;

ClientNames names_of_slot(const ClientNameEntries& entries, std::uint32_t slot) {
  ClientNames names{{VALK_OTHER_ID, {"other", "other"}}};
  for (const auto& [key, entry] : entries) {
    if (key.slot == slot) names[key.client] = {text_of(entry.name), text_of(entry.type)};
  }
  return names;
}

std::uint64_t operations(const valk_client& client, bool failed) {
  const auto& row = client.operations[failed ? 1 : 0];
  return std::accumulate(std::begin(row), std::end(row), std::uint64_t{0});
}

bool is_untouched(const valk_client& client) {
  return operations(client, false) + operations(client, true) + client.cache[0] + client.cache[1] ==
         0;
}

// A client that was made anew under its old name goes on counting.
void add_client(valk_client& sum, const valk_client& client) {
  for (int failed = 0; failed < 2; ++failed) {
    for (int column = 0; column < VALK_CLIENT_COLUMNS; ++column) {
      sum.operations[failed][column] += client.operations[failed][column];
    }
    sum.cache[failed] += client.cache[failed];
  }
  sum.duration_sum_ns += client.duration_sum_ns;
  sum.retries += client.retries;
}

model::Histogram durations(const valk_client& client) {
  __u64 buckets[VALK_BUCKETS] = {};
  for (const auto& row : client.operations) {
    add_buckets(buckets, std::span(row).first<VALK_BUCKETS>());
  }
  return to_http_histogram(buckets, client.duration_sum_ns);
}

model::ClientMetrics metrics_of(const valk_client& client, const ClientName& name,
                                const ProbeSet& attached) {
  model::ClientMetrics metrics;
  metrics.name = name.name;
  metrics.type = name.type;
  if (attached.test(VALK_PROBE_CLIENT_OPERATION)) {
    metrics.errors = operations(client, true);
    metrics.operations = operations(client, false) + *metrics.errors;
    metrics.retries = client.retries;
    metrics.duration_ns = durations(client);
    metrics.latency = model::DurationSum{metrics.duration_ns->sum_ns, metrics.duration_ns->count()};
  }
  if (attached.test(VALK_PROBE_CLIENT_CACHE)) {
    metrics.cache_hits = client.cache[1];
    metrics.cache_misses = client.cache[0];
  }
  return metrics;
}

}  // namespace

model::ClientMetrics untouched_client(const ProbeSet& attached) {
  return metrics_of({}, {}, attached);
}

std::vector<model::ClientMetrics> client_metrics(const ClientEntries& clients,
                                                 const ClientNameEntries& names, std::uint32_t slot,
                                                 const ProbeSet& attached) {
  const ClientNames slot_names = names_of_slot(names, slot);
  std::map<ClientName, valk_client> sums;
  for (const auto& [key, client] : clients) {
    if (key.slot != slot || is_untouched(client)) continue;
    const auto name = slot_names.find(key.client);
    if (name != slot_names.end()) add_client(sums[name->second], client);
  }
  std::vector<model::ClientMetrics> metrics;
  for (const auto& [name, sum] : sums) metrics.push_back(metrics_of(sum, name, attached));
  return metrics;
}

}  // namespace probe
