#include "timeline/change_finder.h"

#include <utility>

namespace timeline {
namespace {

using model::ConnectionState;
using model::TargetEvent;

// Who is older than that when we first see it did not start just now.
constexpr std::uint64_t kJustStartedNs = 3'000'000'000;

TargetEvent::What how_it_came(const model::TargetMetrics& target) {
  const model::Count& age_ns = target.process_metrics.age_ns;
  return age_ns && *age_ns < kJustStartedNs ? TargetEvent::What::kStarted
                                            : TargetEvent::What::kFound;
}

// How far a counter has risen; one that has fallen counts from 0 again.
std::uint64_t rise(std::uint64_t from, std::uint64_t to) {
  return to >= from ? to - from : to;
}

}  // namespace

void ChangeFinder::see(std::uint64_t now_ns, const model::Snapshot& snapshot) {
  for (const model::TargetMetrics& target : snapshot.targets) see_target(now_ns, target);
  see_gone(now_ns);
}

void ChangeFinder::see_target(std::uint64_t now_ns, const model::TargetMetrics& target) {
  const auto known = seen_.find(target.process);
  const bool is_new = known == seen_.end() || known->second.id != target.id;
  if (is_new) {
    if (known != seen_.end() && !known->second.has_ended) {
      tell_target(now_ns, target.process, TargetEvent::What::kEnded, known->second.id.pid);
    }
    if (!target.has_ended) {
      tell_target(now_ns, target.process, how_it_came(target), target.id.pid);
    }
    seen_[target.process] = {target.id, target.has_ended, now_ns, {}, {}};
  }
  Seen& seen = seen_[target.process];
  if (target.has_ended && !seen.has_ended) {
    tell_target(now_ns, target.process, TargetEvent::What::kEnded, target.id.pid);
  }
  seen.has_ended = target.has_ended;
  compare_connections(seen, now_ns, target);
  compare_overloads(seen, now_ns, target);
  seen.time_ns = now_ns;
}

void ChangeFinder::see_gone(std::uint64_t now_ns) {
  for (auto seen = seen_.begin(); seen != seen_.end();) {
    if (seen->second.time_ns == now_ns) {
      ++seen;
      continue;
    }
    if (!seen->second.has_ended) {
      tell_target(now_ns, seen->first, TargetEvent::What::kEnded, seen->second.id.pid);
    }
    seen = seen_.erase(seen);
  }
}

void ChangeFinder::tell_target(std::uint64_t now_ns, const std::string& process,
                               TargetEvent::What what, int pid) {
  window_.add({0, process, now_ns, now_ns, TargetEvent{what, pid}});
}

// A system that is new begins here: what it did before is no crowd of this second.
void ChangeFinder::compare_connections(Seen& seen, std::uint64_t now_ns,
                                       const model::TargetMetrics& target) {
  std::map<std::string, Connections> now;
  for (const model::SystemMetrics& system : target.systems) {
    Connections& sums = now[system.name];
    for (const model::ConnectionTransition& transition : system.transitions) {
      if (transition.from == ConnectionState::kNone) sums.opened += transition.count;
      if (transition.to == ConnectionState::kClosed) sums.closed += transition.count;
    }
    const auto before = seen.connections.find(system.name);
    if (before == seen.connections.end()) continue;
    const std::uint64_t opened = rise(before->second.opened, sums.opened);
    const std::uint64_t closed = rise(before->second.closed, sums.closed);
    if (opened < kCrowd && closed < kCrowd) continue;
    window_.add({0, target.process, seen.time_ns, now_ns,
                 model::ConnectionsEvent{system.name, opened, closed}});
  }
  seen.connections = std::move(now);
}

void ChangeFinder::compare_overloads(Seen& seen, std::uint64_t now_ns,
                                     const model::TargetMetrics& target) {
  std::map<std::pair<std::string, std::string>, std::uint64_t> now;
  for (const model::ServerMetrics& server : target.servers) {
    if (!server.overload_responses) continue;
    const auto key = std::pair(server.host, server.port);
    now[key] += *server.overload_responses;
  }
  for (const auto& [key, count] : now) {
    const auto before = seen.overloads.find(key);
    if (before == seen.overloads.end()) continue;
    const std::uint64_t shed = rise(before->second, count);
    if (shed == 0) continue;
    window_.add({0, target.process, seen.time_ns, now_ns,
                 model::OverloadEvent{key.first, key.second, shed}});
  }
  seen.overloads = std::move(now);
}

}  // namespace timeline
