// Snapshots to write, and ways to find things in families.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "catalogue_rows.h"
#include "expose/family.h"
#include "model/snapshot.h"

namespace expose_test {

inline constexpr std::array<std::uint64_t, 3> kBounds{10'000, 2'500'000, 10'000'000'000};

inline model::Histogram histogram(std::vector<std::uint64_t> counts, std::uint64_t sum_ns) {
  return model::Histogram{kBounds, std::move(counts), sum_ns};
}

inline model::GcMetrics gc() {
  model::GcMetrics gc;
  gc.cycles = 3;
  gc.pause_ns_total = 4'000'500;
  gc.pause_ns_max = 2'000'000;
  gc.reclaimed_bytes = 1'000;
  gc.heap_used_bytes = 16'384;
  gc.heap_total_bytes = 65'536;
  gc.heap_peak_bytes = 40'960;
  gc.trigger_bytes = 49'152;
  gc.heap_exhausted = 1;
  gc.heap_live_bytes = 8'192;
  gc.last_collection_unix_ns = 1'700'000'000'500'000'000;
  gc.cells_used = 3;
  gc.cells_total = 4;
  gc.cells_used_bytes = 192;
  gc.cells_total_bytes = 256;
  gc.pause_ns = histogram({0, 3, 0, 0}, 4'000'500);
  gc.time_to_safepoint_ns = histogram({3, 0, 0, 0}, 1'500);
  return gc;
}

inline model::ServerMetrics server(const std::string& host) {
  model::ServerMetrics server;
  server.host = host;
  server.port = "8080";
  server.protocol = "http";
  server.connections_active = 6;
  server.requests = {{model::StatusClass::k2xx, 7}, {model::StatusClass::k5xx, 1}};
  server.request_duration_ns = histogram({1, 2, 3, 2}, 12'345'678'901);
  server.request_eval_ns = histogram({1, 2, 0, 0}, 4'000'000);
  server.bytes_sent = 900;
  server.bytes_received = 100;
  server.overload_responses = 1;
  return server;
}

inline model::ClientMetrics client(const std::string& name) {
  model::ClientMetrics client;
  client.name = name;
  client.type = "Cache";
  client.connections_active = 2;
  client.pool_size = 8;
  client.operations = 4;
  client.errors = 1;
  client.retries = 2;
  client.cache_hits = 3;
  client.cache_misses = 5;
  client.duration_ns = histogram({4, 0, 0, 0}, 1'000);
  client.latency = model::DurationSum{2'000, 4};
  return client;
}

// Every number of a system, so that each has a value of its own: 1, 2, 3 and so on in this order.
inline constexpr model::Count model::SystemMetrics::*kSystemCounts[] = {
    &model::SystemMetrics::loop_iterations,         // 1
    &model::SystemMetrics::loop_events,             // 2
    &model::SystemMetrics::servers,                 // 3
    &model::SystemMetrics::clients,                 // 4
    &model::SystemMetrics::handles,                 // 5
    &model::SystemMetrics::arenas_used,             // 6
    &model::SystemMetrics::arenas_total,            // 7
    &model::SystemMetrics::arena_overflows,         // 8
    &model::SystemMetrics::tcp_buffers_used,        // 9
    &model::SystemMetrics::tcp_buffers_total,       // 10
    &model::SystemMetrics::tcp_buffer_overflows,    // 11
    &model::SystemMetrics::queue_depth,             // 12
    &model::SystemMetrics::pending_requests,        // 13
    &model::SystemMetrics::pending_responses,       // 14
    &model::SystemMetrics::connections_accepted,    // 15
    &model::SystemMetrics::connections_failed,      // 16
    &model::SystemMetrics::connections_rejected,    // 17
    &model::SystemMetrics::connections_connecting,  // 18
    &model::SystemMetrics::connections_active,      // 19
    &model::SystemMetrics::connections_idle,        // 20
    &model::SystemMetrics::connections_closing,     // 21
    &model::SystemMetrics::connection_pool_total,   // 22
    &model::SystemMetrics::connection_pool_used,    // 23
    &model::SystemMetrics::streams,                 // 24
    &model::SystemMetrics::streams_active,          // 25
    &model::SystemMetrics::requests,                // 26
    &model::SystemMetrics::requests_active,         // 27
    &model::SystemMetrics::request_errors,          // 28
    &model::SystemMetrics::bytes_sent,              // 29
    &model::SystemMetrics::bytes_received,          // 30
};

inline model::SystemMetrics system(const std::string& name) {
  using State = model::ConnectionState;
  model::SystemMetrics system;
  system.name = name;
  system.transitions = {{State::kNone, State::kConnecting, 4}, {State::kIdle, State::kActive, 3}};
  system.state_durations = {{State::kActive, histogram({0, 3, 0, 0}, 1'500)}};
  system.loop_stall_ns = histogram({0, 0, 1, 0}, 3'000'000);
  system.uptime_ns = 4'000'000'000;
  system.loop_idle_ns = 1'000'000'000;
  std::uint64_t value = 0;
  for (const auto count : kSystemCounts) system.*count = ++value;
  return system;
}

// One target of whom everything is known: all from its memory but the histogram of requests.
inline model::Snapshot full_snapshot() {
  model::TargetMetrics target;
  target.id.pid = 4711;
  target.up = true;
  target.attached_unix_ns = 1'700'000'000'123'456'789;
  target.identity = {"/usr/bin/valk", "/srv/shop.valk", "01ab", "2025-12",
                     "3f2a9c0d1e4b",  "shop",           ""};
  target.process_metrics = {1'500'000'000, 4'096, 7, 3, 1'699'999'990'000'000'000, 11'000'000'000};
  for (const auto* const entry : catalogue_rows::of_memory()) {
    const bool from_probe = entry->name == "http_request_duration_seconds";
    target.sources.push_back({entry, from_probe ? model::Source::kProbe : model::Source::kState});
  }
  target.collectors = {{"state", 40'000, true}};
  target.gc = gc();
  target.interpreter = {1, 2, 3, 4, 5, 6};
  target.systems = {system("main")};
  target.servers = {server("0.0.0.0")};
  target.evals = {{model::EvalKind::kScript, histogram({1, 0, 0, 0}, 700)}};
  target.clients = {client("redis")};
  target.functions = {{"fib", histogram({0, 9, 0, 0}, 8'000)}};
  target.registry = model::Registry{};
  target.process_metrics.states = {{model::ProcessState::kRunning, false},
                                   {model::ProcessState::kStopped, true},
                                   {model::ProcessState::kFrozen, false}};
  target.groups = {{"http", false, 2}};
  target.overhead_ratio = 0.25;
  for (model::FamilySource& source : target.sources) {
    if (source.family->name == "valk_gc_heap_peak_bytes") {
      source.difference = "As far as it was seen.";
    }
  }

  model::Snapshot snapshot;
  snapshot.taken_unix_ns = 1'700'000'001'000'000'000;
  snapshot.exporter.version = "0.1.0";
  snapshot.exporter.hit_cost_ns = 1'700;
  snapshot.exporter.probes = {{"gc__begin", true, 0, 0},
                              {"overload", false, 0, std::nullopt},
                              {"gc__end", false, 2, 3'400}};
  snapshot.exporter.lost_events = {{"ring_full", 5}};
  snapshot.exporter.dropped_connections = {{"memory", 12}};
  snapshot.exporter.selection = "--unit 'shop*'";
  snapshot.exporter.targets = {
      {model::kTargetWatched, 2}, {model::kTargetRefused, 0}, {model::kTargetNoRoom, 1}};
  snapshot.exporter.http_requests = {{"metrics", "200", 7}};
  snapshot.exporter.http_requests_in_flight = 1;
  snapshot.exporter.failed_handshakes = {{"slow", 2}};
  snapshot.exporter.web_config_reload_successful = 1;
  snapshot.exporter.web_config_reload_success_unix_ns = 1'700'000'000'000'000'000;
  snapshot.exporter.web_certificate_not_after_unix_ns = 1'800'000'000'000'000'000;
  snapshot.exporter.captures = {{"gc_pause > 50ms", 2, 1}};
  snapshot.exporter.captures_unwritten = 0;
  snapshot.exporter.missed_events = {{"gc", 6}};
  snapshot.exporter.log_lines_dropped = 11;
  snapshot.exporter.collectors = {{"maps", 70'000, false}};
  snapshot.exporter.process_metrics = {2'500'000'000, 8'192, 9, 4, 1'699'999'995'000'000'000,
                                       6'000'000'000};
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
