#include <array>

#include "expose/derived.h"
#include "expose/target_series.h"

namespace expose {
namespace {

using model::ClientMetrics;

constexpr std::array<NumberFamily<ClientMetrics>, 5> kCounts{{
    {"http_client_operations_total", FamilyType::kCounter, "Operations of the client",
     Since::kEither, &ClientMetrics::operations},
    {"http_client_errors_total", FamilyType::kCounter, "Operations of the client that failed",
     Since::kEither, &ClientMetrics::errors},
    {"http_client_retries_total", FamilyType::kCounter,
     "Operations of the client that were retries", Since::kEither, &ClientMetrics::retries},
    {"http_client_cache_hits_total", FamilyType::kCounter, "Cache look-ups of the client that hit",
     Since::kEither, &ClientMetrics::cache_hits},
    {"http_client_cache_misses_total", FamilyType::kCounter,
     "Cache look-ups of the client that missed", Since::kEither, &ClientMetrics::cache_misses},
}};

constexpr std::array<NumberFamily<ClientMetrics>, 2> kConnections{{
    {"http_client_connections_active", FamilyType::kGauge, "Open connections of the client",
     Since::kNow, &ClientMetrics::connections_active},
    {"http_client_pool_size", FamilyType::kGauge, "Size of the client's connection pool",
     Since::kNow, &ClientMetrics::pool_size},
}};

constexpr auto kClientsOfTarget = [](const model::TargetMetrics& target, auto visit) {
  for (const ClientMetrics& client : target.clients) {
    visit(client, {{"client", client.name}, {"type", client.type}});
  }
};

// A family to which `value_of(client)` gives each client's value, if it has one.
template <typename ValueOf>
Family family_of_clients(Targets targets, Family family, ValueOf value_of) {
  for (const auto& target : targets) {
    TargetSeries series(family, target);
    for (const ClientMetrics& client : target.clients) {
      if (auto value = value_of(client)) {
        series.add({{"client", client.name}, {"type", client.type}}, std::move(*value));
      }
    }
  }
  return family;
}

}  // namespace

std::vector<Family> client_families(Targets targets) {
  std::vector<Family> families;
  append_families(families, targets, kCounts, kClientsOfTarget);
  families.push_back(family_of_clients(
      targets,
      {"http_client_request_duration_seconds",
       FamilyType::kHistogram,
       help_text("Duration in seconds of each operation of the client", Since::kEither),
       {}},
      [](const ClientMetrics& client) { return client.duration_ns; }));
  families.push_back(family_of_clients(
      targets,
      {"http_client_latency_seconds_avg",
       FamilyType::kGauge,
       help_text("Mean duration in seconds of an operation of the client", Since::kEither),
       {}},
      [](const ClientMetrics& client) { return mean_latency_seconds(client); }));
  return families;
}

std::vector<Family> client_connection_families(Targets targets) {
  std::vector<Family> families;
  append_families(families, targets, kConnections, kClientsOfTarget);
  return families;
}

}  // namespace expose
