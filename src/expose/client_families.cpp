#include <array>
#include <string>

#include "expose/family_groups.h"

namespace expose {
namespace {

using model::ClientMetrics;

Labels client_labels(const model::TargetMetrics& target, const ClientMetrics& client) {
  return labels_of(target, {{"client", client.name}, {"type", client.type}});
}

// Calls `visit(target, client)` for every client of every target.
template <typename Visit>
void for_each_client(Targets targets, Visit visit) {
  for (const auto& target : targets) {
    for (const auto& client : target.clients) visit(target, client);
  }
}

struct ClientCount {
  const char* name;
  const char* help;
  model::Count ClientMetrics::*count;
};

constexpr std::array<ClientCount, 5> kCounts{{
    {"http_client_operations_total", "Operations of the client since attach.",
     &ClientMetrics::operations},
    {"http_client_errors_total", "Operations of the client that failed, since attach.",
     &ClientMetrics::errors},
    {"http_client_retries_total", "Operations of the client that were retries, since attach.",
     &ClientMetrics::retries},
    {"http_client_cache_hits_total", "Cache look-ups of the client that hit, since attach.",
     &ClientMetrics::cache_hits},
    {"http_client_cache_misses_total", "Cache look-ups of the client that missed, since attach.",
     &ClientMetrics::cache_misses},
}};

Family count_family(Targets targets, const ClientCount& entry) {
  Family family{entry.name, FamilyType::kCounter, entry.help, {}};
  for_each_client(targets, [&](const auto& target, const ClientMetrics& client) {
    const model::Count& count = client.*entry.count;
    if (count) add_sample(family, client_labels(target, client), *count);
  });
  return family;
}

Family duration_family(Targets targets) {
  Family family{"http_client_request_duration_seconds",
                FamilyType::kHistogram,
                "Duration of each operation of the client since attach, in seconds.",
                {}};
  for_each_client(targets, [&](const auto& target, const ClientMetrics& client) {
    if (client.duration_ns) {
      add_histogram(family, client_labels(target, client), *client.duration_ns);
    }
  });
  return family;
}

// The mean of no operation is unknown.
Family mean_family(Targets targets) {
  Family family{"http_client_latency_seconds_avg",
                FamilyType::kGauge,
                "Mean duration of an operation of the client since attach, in seconds.",
                {}};
  for_each_client(targets, [&](const auto& target, const ClientMetrics& client) {
    const std::uint64_t count = client.duration_ns ? client.duration_ns->count() : 0;
    if (count == 0) return;
    const auto sum_ns = static_cast<double>(client.duration_ns->sum_ns);
    add_sample(family, client_labels(target, client), sum_ns / 1e9 / static_cast<double>(count));
  });
  return family;
}

}  // namespace

std::vector<Family> client_families(Targets targets) {
  std::vector<Family> families;
  for (const ClientCount& entry : kCounts) families.push_back(count_family(targets, entry));
  families.push_back(duration_family(targets));
  families.push_back(mean_family(targets));
  return families;
}

}  // namespace expose
