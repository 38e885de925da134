// Snapshots to write, and ways to find things in families.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "expose/family.h"
#include "model/snapshot.h"

namespace expose_test {

inline constexpr std::array<std::uint64_t, 3> kBounds{10'000, 2'500'000, 10'000'000'000};

inline model::Histogram histogram(std::vector<std::uint64_t> counts, std::uint64_t sum_ns) {
  return model::Histogram{kBounds, std::move(counts), sum_ns};
}

inline model::ServerMetrics server(const std::string& host) {
  model::ServerMetrics server;
  server.host = host;
  server.port = "8080";
  server.protocol = "http";
  server.requests = {{model::StatusClass::k2xx, 7}, {model::StatusClass::k5xx, 1}};
  server.request_duration_ns = histogram({1, 2, 3, 2}, 12'345'678'901);
  server.bytes_sent = 900;
  server.bytes_received = 100;
  server.overload_responses = 1;
  return server;
}

inline model::SystemMetrics system(const std::string& name) {
  using State = model::ConnectionState;
  model::SystemMetrics system;
  system.name = name;
  system.transitions = {{State::kNone, State::kConnecting, 4}, {State::kIdle, State::kActive, 3}};
  system.state_durations = {{State::kActive, histogram({0, 3, 0, 0}, 1'500)}};
  return system;
}

// One target of whom everything is known.
inline model::Snapshot full_snapshot() {
  model::TargetMetrics target;
  target.id.pid = 4711;
  target.up = true;
  target.attached_unix_ns = 1'700'000'000'123'456'789;
  target.gc = {3,
               4'000'500,
               2'000'000,
               1'000,
               65'536,
               49'152,
               histogram({0, 3, 0, 0}, 4'000'500),
               histogram({3, 0, 0, 0}, 1'500)};
  target.systems = {system("main")};
  target.systems[0].loop_stall_ns = histogram({0, 0, 1, 0}, 3'000'000);
  target.servers = {server("0.0.0.0")};
  target.evals = {{model::EvalKind::kScript, histogram({1, 0, 0, 0}, 700)}};
  target.clients = {{"redis", "Cache", 4, 1, 2, 3, 5, histogram({4, 0, 0, 0}, 1'000)}};
  target.functions = {{"fib", histogram({0, 9, 0, 0}, 8'000)}};
  target.identity = {"/usr/bin/valk", "/srv/shop.valk", "01ab"};
  target.process_metrics = {1'500'000'000, 4'096, 7, 3, 1'700'000'000'000'000'000};

  model::Snapshot snapshot;
  snapshot.taken_unix_ns = 1'700'000'001'000'000'000;
  snapshot.exporter.version = "0.1.0";
  snapshot.exporter.probes = {
      {"gc__begin", true, 0}, {"overload", false, 0}, {"gc__end", false, 2}};
  snapshot.exporter.lost_events = {{"ring_full", 5}};
  snapshot.exporter.process_metrics = target.process_metrics;
  snapshot.targets = {target};
  return snapshot;
}

inline const expose::Family* find_family(const std::vector<expose::Family>& families,
                                         const std::string& name) {
  const auto found = std::find_if(families.begin(), families.end(),
                                  [&](const auto& family) { return family.name == name; });
  return found == families.end() ? nullptr : &*found;
}

}  // namespace expose_test
