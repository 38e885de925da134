#include "state/runtimes/server_totals.h"

#include <algorithm>
#include <optional>
#include <utility>

namespace state {
namespace {

using model::Count;
using model::ServerMetrics;
using model::StatusClass;

// What is not known now stays so.
void raise_to(Count& count, const Count& told) {
  if (count && told) count = std::max(*count, *told);
}

void raise_to(std::optional<model::Histogram>& histogram,
              const std::optional<model::Histogram>& told) {
  if (!histogram || !told || histogram->counts.size() != told->counts.size()) return;
  for (std::size_t i = 0; i < told->counts.size(); ++i) {
    histogram->counts[i] = std::max(histogram->counts[i], told->counts[i]);
  }
  histogram->sum_ns = std::max(histogram->sum_ns, told->sum_ns);
}

model::StatusCount* find(std::vector<model::StatusCount>& requests, StatusClass status) {
  const auto found = std::find_if(requests.begin(), requests.end(),
                                  [&](const auto& known) { return known.status == status; });
  return found == requests.end() ? nullptr : &*found;
}

// A class that is not told now is part of a sum that would fall.
void raise_to(std::vector<model::StatusCount>& requests,
              const std::vector<model::StatusCount>& told) {
  for (const model::StatusCount& before : told) {
    if (model::StatusCount* const now = find(requests, before.status)) {
      now->count = std::max(now->count, before.count);
    } else {
      requests.push_back(before);
    }
  }
}

}  // namespace

ServerTotals::Key ServerTotals::key_of(const ServerMetrics& server) {
  return {server.host, server.port, server.protocol};
}

std::uint64_t ServerTotals::rest_of(const ServerMetrics& server) const {
  const auto told = told_.find(key_of(server));
  if (told == told_.end()) return 0;
  for (const model::StatusCount& known : told->second.requests) {
    if (known.status == StatusClass::kOther) return known.count;
  }
  return 0;
}

void ServerTotals::raise(std::vector<ServerMetrics>& servers) {
  std::map<Key, ServerMetrics> now;
  for (ServerMetrics& server : servers) {
    Key key = key_of(server);
    if (const auto found = told_.find(key); found != told_.end()) {
      const ServerMetrics& told = found->second;
      for (const auto count : {&ServerMetrics::bytes_sent, &ServerMetrics::bytes_received,
                               &ServerMetrics::overload_responses}) {
        raise_to(server.*count, told.*count);
      }
      raise_to(server.request_duration_ns, told.request_duration_ns);
      raise_to(server.requests, told.requests);
    }
    now.emplace(std::move(key), server);
  }
  told_ = std::move(now);
}

}  // namespace state
