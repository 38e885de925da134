// What an exporter told at one moment: what the page shows, by process.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "terminal/metrics_text.h"

namespace terminal {

using Known = std::optional<double>;  // empty: nobody told

// Cumulative counts by upper bound in seconds, as they were read; the last bound is infinite.
struct Histogram {
  std::vector<double> bounds;
  std::vector<double> counts;
};

struct System {
  std::string name;
  Known idle_seconds;
  Known stalls;
  Histogram stall;
  Known active, idle, closing;  // connections
  Known rejected;
  Known pool_used, pool_total;
  Histogram duration;  // where the runtime knows no servers apart
};

struct Server {
  std::string name, port, protocol;
  Known requests;  // of all statuses
  Known errors_4xx, errors_5xx;
  Known bytes_in, bytes_out;
  Known connections;
  Histogram duration;
};

struct Client {
  std::string name, type;
  Known operations, errors, retries, connections, cache_hits, cache_misses;
  Histogram duration;
};

struct Target {
  std::string process;  // "" where the exporter watches one pid
  bool up = false;
  std::string pid, exe;
  bool stopped = false;  // or frozen: no thread of it runs
  Known start_unix_seconds, cpu_seconds, resident_bytes;
  Known cycles, pause_seconds, pause_seconds_max, reclaimed_bytes;
  Known used_bytes, live_bytes, trigger_bytes, total_bytes, peak_bytes;
  Known evals;
  std::vector<System> systems;
  std::vector<Server> servers;
  std::vector<Client> clients;
};

struct Sample {
  std::chrono::steady_clock::time_point taken;
  Known unix_seconds;           // by our clock
  std::vector<Target> targets;  // in the exporter's order
  Known lost_events;
  Known exporter_start;  // in seconds since 1970: another one counts anew
};

// Fails where the page is none of metrics, or is no exporter's of ours.
base::Result<Sample> read_sample(std::string_view text,
                                 std::chrono::steady_clock::time_point taken);

}  // namespace terminal
