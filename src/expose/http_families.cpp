#include <array>
#include <string>

#include "expose/family_groups.h"
#include "model/names.h"

namespace expose {
namespace {

using model::ServerMetrics;

Labels server_labels(const model::TargetMetrics& target, const ServerMetrics& server) {
  return labels_of(target,
                   {{"server", server.host}, {"port", server.port}, {"protocol", server.protocol}});
}

// Calls `visit(target, server)` for every server of every target.
template <typename Visit>
void for_each_server(Targets targets, Visit visit) {
  for (const auto& target : targets) {
    for (const auto& server : target.servers) visit(target, server);
  }
}

Family requests_family(Targets targets) {
  Family family{"http_requests_total",
                FamilyType::kCounter,
                "HTTP requests answered since attach, by class of status. Every request is in "
                "exactly one series.",
                {}};
  for_each_server(targets, [&](const auto& target, const ServerMetrics& server) {
    for (const auto& entry : server.requests) {
      Labels labels = server_labels(target, server);
      labels.emplace_back("status", name_of(entry.status));
      add_sample(family, std::move(labels), entry.count);
    }
  });
  return family;
}

Family duration_family(Targets targets) {
  Family family{"http_request_duration_seconds",
                FamilyType::kHistogram,
                "Duration of each HTTP request answered since attach, in seconds.",
                {}};
  for_each_server(targets, [&](const auto& target, const ServerMetrics& server) {
    if (server.request_duration_ns) {
      add_histogram(family, server_labels(target, server), *server.request_duration_ns);
    }
  });
  return family;
}

struct ServerCount {
  const char* name;
  const char* help;
  model::Count ServerMetrics::*count;
};

constexpr std::array<ServerCount, 3> kCounts{{
    {"http_bytes_sent_total",
     "Application bytes that the server sent since attach, as the runtime counts them.",
     &ServerMetrics::bytes_sent},
    {"http_bytes_recv_total",
     "Application bytes that the server received since attach, as the runtime counts them.",
     &ServerMetrics::bytes_received},
    {"http_overload_responses_total",
     "Responses that the server sent because it was overloaded, since attach.",
     &ServerMetrics::overload_responses},
}};

Family count_family(Targets targets, const ServerCount& entry) {
  Family family{entry.name, FamilyType::kCounter, entry.help, {}};
  for_each_server(targets, [&](const auto& target, const ServerMetrics& server) {
    const model::Count& count = server.*entry.count;
    if (count) add_sample(family, server_labels(target, server), *count);
  });
  return family;
}

}  // namespace

std::vector<Family> http_families(Targets targets) {
  std::vector<Family> families{requests_family(targets), duration_family(targets)};
  for (const ServerCount& entry : kCounts) families.push_back(count_family(targets, entry));
  return families;
}

}  // namespace expose
