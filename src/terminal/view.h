// What the page says of one process: its last numbers, and rates by the sample before.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "terminal/rates.h"
#include "terminal/sample.h"

namespace terminal {

struct SystemView {
  System now;
  Known busy;  // share of the interval in which the loop did not wait
  Known stalls_per_second;
  std::optional<Percentile> longest_stall;  // about, of the interval
};

struct ServerView {
  Server now;
  Known requests, errors_4xx, errors_5xx, bytes_in, bytes_out;  // per second
  Percentiles latency;
};

struct ClientView {
  Client now;
  Known operations, errors, retries;  // per second
  Known hit_share;                    // of the interval's look-ups
  Percentiles latency;
};

struct TargetView {
  Target now;
  double seconds = 0;                      // the interval; 0: there is no sample before
  Known requests, errors_4xx, errors_5xx;  // per second, of all servers
  Known error_share;                       // 5xx of requests
  Percentiles latency;
  Known cycles, pause_share, reclaimed, evals, cpu_share;
  std::vector<SystemView> systems;
  std::vector<ServerView> servers;
  std::vector<ClientView> clients;
};

// `before` is of the same exporter, or none. Another process of the same name has no interval.
TargetView view_of(const Target& now, const Sample& sample, const std::optional<Sample>& before);

}  // namespace terminal
