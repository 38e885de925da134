#include <array>

#include "expose/target_series.h"
#include "model/names.h"

namespace expose {
namespace {

using model::ServerMetrics;

constexpr std::array<NumberFamily<ServerMetrics>, 3> kCounts{{
    {"http_bytes_sent_total", FamilyType::kCounter,
     "Application bytes that the server sent, as the runtime counts them,", Since::kEither,
     &ServerMetrics::bytes_sent},
    {"http_bytes_recv_total", FamilyType::kCounter,
     "Application bytes that the server received, as the runtime counts them,", Since::kEither,
     &ServerMetrics::bytes_received},
    {"http_overload_responses_total", FamilyType::kCounter,
     "Responses that the server sent because it was overloaded", Since::kEither,
     &ServerMetrics::overload_responses},
}};

constexpr std::array<NumberFamily<ServerMetrics>, 1> kConnections{{
    {"http_connections_active", FamilyType::kGauge, "Open connections of the server", Since::kNow,
     &ServerMetrics::connections_active},
}};

constexpr auto kServersOfTarget = [](const model::TargetMetrics& target, auto visit) {
  for (const ServerMetrics& server : target.servers) {
    visit(server, {{"server", server.host}, {"port", server.port}, {"protocol", server.protocol}});
  }
};

Family requests_family(Targets targets) {
  Family family{"http_requests_total",
                FamilyType::kCounter,
                help_text("HTTP requests answered", Since::kEither) +
                    " By class of status; every request is in exactly one series.",
                {}};
  for (const auto& target : targets) {
    TargetSeries series(family, target);
    for (const ServerMetrics& server : target.servers) {
      for (const auto& entry : server.requests) {
        series.add({{"server", server.host},
                    {"port", server.port},
                    {"protocol", server.protocol},
                    {"status", name_of(entry.status)}},
                   entry.count);
      }
    }
  }
  return family;
}

Family duration_family(Targets targets) {
  Family family{"http_request_duration_seconds",
                FamilyType::kHistogram,
                help_text("Duration in seconds of each HTTP request answered", Since::kEither),
                {}};
  for (const auto& target : targets) {
    TargetSeries series(family, target);
    kServersOfTarget(target, [&](const ServerMetrics& server,
                                 std::initializer_list<TargetSeries::Label> labels) {
      if (server.request_duration_ns) series.add(labels, *server.request_duration_ns);
    });
  }
  return family;
}

}  // namespace

std::vector<Family> http_families(Targets targets) {
  std::vector<Family> families{requests_family(targets), duration_family(targets)};
  append_families(families, targets, kCounts, kServersOfTarget);
  return families;
}

std::vector<Family> http_connection_families(Targets targets) {
  std::vector<Family> families;
  append_families(families, targets, kConnections, kServersOfTarget);
  return families;
}

}  // namespace expose
