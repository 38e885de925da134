#include "terminal/view.h"

#include <algorithm>
#include <chrono>
#include <cmath>

namespace terminal {
namespace {

// Seconds; the exporter works out when a process started from ticks of a hundredth.
constexpr double kSameStart = 0.5;

const Target* same_process(const Target& now, const std::optional<Sample>& before) {
  if (!before) return nullptr;
  for (const Target& target : before->targets) {
    if (target.process != now.process) continue;
    const bool is_restarted =
        target.pid != now.pid ||
        (target.start_unix_seconds && now.start_unix_seconds &&
         std::abs(*target.start_unix_seconds - *now.start_unix_seconds) > kSameStart);
    return is_restarted ? nullptr : &target;
  }
  return nullptr;
}

bool same(const System& a, const System& b) {
  return a.name == b.name;
}

bool same(const Server& a, const Server& b) {
  return a.name == b.name && a.port == b.port && a.protocol == b.protocol;
}

bool same(const Client& a, const Client& b) {
  return a.name == b.name && a.type == b.type;
}

// What is told of it in the sample before; nothing is known of it where that has no such part.
template <typename Part>
Part part_before(const std::vector<Part>& parts, const Part& now) {
  for (const Part& part : parts) {
    if (same(part, now)) return part;
  }
  return {};
}

// A loop that has not waited at all since its start did not come to its first wait's end: of that
// nothing is told.
Known busy_share(const System& before, const System& now, double seconds) {
  const Known idle = rate(before.idle_seconds, now.idle_seconds, seconds);
  if (!idle || *now.idle_seconds == 0) return std::nullopt;
  return std::clamp(1 - *idle, 0.0, 1.0);
}

SystemView view_of_part(const System& now, const System& before, double seconds) {
  return {now, busy_share(before, now, seconds), rate(before.stalls, now.stalls, seconds),
          longest_of(difference(before.stall, now.stall))};
}

// A class of status that comes for the first time counted from 0.
Known class_rate(const Known& before, const Known& now, const Known& requests_before,
                 double seconds) {
  if (!requests_before) return std::nullopt;
  return rate(before.value_or(0), now.value_or(0), seconds);
}

ServerView view_of_part(const Server& now, const Server& before, double seconds) {
  return {.now = now,
          .requests = rate(before.requests, now.requests, seconds),
          .errors_4xx = class_rate(before.errors_4xx, now.errors_4xx, before.requests, seconds),
          .errors_5xx = class_rate(before.errors_5xx, now.errors_5xx, before.requests, seconds),
          .bytes_in = rate(before.bytes_in, now.bytes_in, seconds),
          .bytes_out = rate(before.bytes_out, now.bytes_out, seconds),
          .latency = percentiles_of(difference(before.duration, now.duration))};
}

Known hit_share(const Client& before, const Client& now) {
  const Known hits = rate(before.cache_hits, now.cache_hits, 1);
  const Known misses = rate(before.cache_misses, now.cache_misses, 1);
  if (!hits || !misses || *hits + *misses == 0) return std::nullopt;
  return *hits / (*hits + *misses);
}

ClientView view_of_part(const Client& now, const Client& before, double seconds) {
  return {.now = now,
          .operations = rate(before.operations, now.operations, seconds),
          .errors = rate(before.errors, now.errors, seconds),
          .retries = rate(before.retries, now.retries, seconds),
          .hit_share = hit_share(before, now),
          .latency = percentiles_of(difference(before.duration, now.duration))};
}

template <typename View, typename Part>
std::vector<View> views_of(const std::vector<Part>& now, const std::vector<Part>& before,
                           double seconds) {
  std::vector<View> views;
  for (const Part& part : now) {
    views.push_back(view_of_part(part, part_before(before, part), seconds));
  }
  return views;
}

// Unknown where it is of any of them, or where there is none.
Known sum_of(const std::vector<ServerView>& servers, Known ServerView::*member) {
  Known total;
  for (const ServerView& server : servers) {
    if (!(server.*member)) return std::nullopt;
    total = total.value_or(0) + *(server.*member);
  }
  return total;
}

// Of all servers; of systems where the runtime tells of no servers.
Percentiles latency_of(const Target& now, const Target& before) {
  Histogram all;
  for (const Server& server : now.servers) {
    all = sum(all, difference(part_before(before.servers, server).duration, server.duration));
  }
  if (all.bounds.empty()) {
    for (const System& system : now.systems) {
      all = sum(all, difference(part_before(before.systems, system).duration, system.duration));
    }
  }
  return percentiles_of(all);
}

}  // namespace

TargetView view_of(const Target& now, const Sample& sample, const std::optional<Sample>& before) {
  const Target* const known = same_process(now, before);
  const Target nothing;
  const Target& then = known != nullptr ? *known : nothing;
  TargetView view;
  view.now = now;
  if (known != nullptr) {
    view.seconds = std::chrono::duration<double>(sample.taken - before->taken).count();
  }
  view.systems = views_of<SystemView>(now.systems, then.systems, view.seconds);
  view.servers = views_of<ServerView>(now.servers, then.servers, view.seconds);
  view.clients = views_of<ClientView>(now.clients, then.clients, view.seconds);
  view.requests = sum_of(view.servers, &ServerView::requests);
  view.errors_4xx = sum_of(view.servers, &ServerView::errors_4xx);
  view.errors_5xx = sum_of(view.servers, &ServerView::errors_5xx);
  if (view.errors_5xx && view.requests.value_or(0) > 0) {
    view.error_share = *view.errors_5xx / *view.requests;
  }
  view.latency = latency_of(now, then);
  view.cycles = rate(then.cycles, now.cycles, view.seconds);
  view.pause_share = rate(then.pause_seconds, now.pause_seconds, view.seconds);
  view.reclaimed = rate(then.reclaimed_bytes, now.reclaimed_bytes, view.seconds);
  view.evals = rate(then.evals, now.evals, view.seconds);
  view.cpu_share = rate(then.cpu_seconds, now.cpu_seconds, view.seconds);
  return view;
}

}  // namespace terminal
