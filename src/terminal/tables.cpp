#include "terminal/tables.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "terminal/health.h"
#include "terminal/tones.h"
#include "terminal/units.h"

namespace terminal {
namespace {

constexpr std::size_t kBarCells = 14;
constexpr double kShortestMs = 0.1;  // of the bars' logarithmic scale, four decades long
constexpr double kDecades = 4;

Span share_span(const Known& share, const Threshold& threshold) {
  return {percent(share), share ? tone_of(judge(*share, threshold)) : Tone::kPlain};
}

Span latency_span(const std::optional<Percentile>& percentile) {
  return {latency(percentile),
          percentile ? tone_of(judge(percentile->seconds, kP99Seconds)) : Tone::kPlain};
}

Span stall_span(const std::optional<Percentile>& longest) {
  return {latency(longest),
          longest ? tone_of(judge(longest->seconds, kStallSeconds)) : Tone::kPlain};
}

// A rate of what should not happen at all.
Span trouble_span(const Known& value) {
  return {per_second(value), value.value_or(0) > 0 ? Tone::kWarning : Tone::kPlain};
}

// A pause that stopped nobody is drawn hollow and judged by nobody.
Span bar_of(const Pause& pause) {
  if (!pause.pause_ms) return {kUnknown, Tone::kPlain};
  const bool is_felt = pause.world_stopped != false;
  const double decades = std::log10(std::max(*pause.pause_ms, kShortestMs) / kShortestMs);
  const double cells = std::clamp(decades / kDecades, 0.0, 1.0) * (kBarCells - 3);
  std::string bar;
  for (int i = 0; i <= static_cast<int>(cells); ++i)
    bar += is_felt ? "\xE2\x96\x88" : "\xE2\x96\x91";
  if (!is_felt) return {bar, Tone::kDim};
  const State state = judge(*pause.pause_ms, kPauseMs);
  // Not by its colour alone.
  bar += state == State::kCritical ? "!!" : state == State::kWarning ? "!" : "";
  return {bar, tone_of(state)};
}

Known in_seconds(const std::optional<double>& ms) {
  return ms ? Known(*ms / 1'000) : std::nullopt;
}

}  // namespace

Table pause_table(const std::deque<Pause>& pauses, const std::string& process,
                  const std::string& reason) {
  Table table{{{"PAUSES (UTC)", 12, Side::kLeft},
               {"PAUSE", 8},
               {"SAFE PT", 8},
               {"BEFORE", 9},
               {"AFTER", 9},
               {"HIT", 4},
               {"REASON", 9, Side::kLeft},
               {"0.1 ms to 1 s", kBarCells, Side::kLeft}},
              {},
              reason.empty() ? "none yet" : reason};
  for (std::size_t i = pauses.size(); i-- > 0;) {
    const Pause& pause = pauses[i];
    if (pause.process != process) continue;
    table.rows.push_back({{time_of_day(pause.unix_ms / 1'000)},
                          {seconds(in_seconds(pause.pause_ms))},
                          {seconds(in_seconds(pause.safepoint_ms))},
                          {bytes(pause.used_before)},
                          {bytes(pause.used_after)},
                          {count(pause.requests_hit)},
                          {pause.reason.empty() ? kUnknown : pause.reason},
                          bar_of(pause)});
  }
  return table;
}

Table system_table(const TargetView& view) {
  Table table{{{"SYSTEM", 12, Side::kLeft},
               {"BUSY", 8},
               {"STALLS", 8},
               {"STALL/S", 8},
               {"LONGEST", 8},
               {"ACTIVE", 7},
               {"IDLE", 7},
               {"CLOSING", 7},
               {"SHED", 6}},
              {},
              "none is known"};
  for (const SystemView& system : view.systems) {
    table.rows.push_back({{system.now.name},
                          share_span(system.busy, kBusyShare),
                          {count(system.now.stalls)},
                          {per_second(system.stalls_per_second)},
                          stall_span(system.longest_stall),
                          {count(system.now.active)},
                          {count(system.now.idle)},
                          {count(system.now.closing)},
                          {count(system.now.rejected)}});
  }
  return table;
}

Table server_table(const TargetView& view) {
  Table table{{{"SERVER", 12, Side::kLeft},
               {"PORT", 5},
               {"REQ/S", 7},
               {"4XX/S", 6},
               {"5XX/S", 6},
               {"P50", 8},
               {"P99", 8},
               {"OUT/S", 9},
               {"TOTAL", 9}},
              {},
              "none is known"};
  for (const ServerView& server : view.servers) {
    table.rows.push_back({{server.now.name},
                          {server.now.port},
                          {per_second(server.requests)},
                          {per_second(server.errors_4xx)},
                          trouble_span(server.errors_5xx),
                          {latency(server.latency.p50)},
                          latency_span(server.latency.p99),
                          {bytes(server.bytes_out)},
                          {count(server.now.requests)}});
  }
  return table;
}

Table client_table(const TargetView& view) {
  Table table{{{"CLIENT", 12, Side::kLeft},
               {"TYPE", 8, Side::kLeft},
               {"OPS/S", 7},
               {"ERR/S", 6},
               {"RETRY/S", 7},
               {"P99", 8},
               {"HITS", 7},
               {"CONNS", 6},
               {"TOTAL", 9}},
              {},
              "none is known"};
  for (const ClientView& client : view.clients) {
    table.rows.push_back({{client.now.name},
                          {client.now.type},
                          {per_second(client.operations)},
                          trouble_span(client.errors),
                          {per_second(client.retries)},
                          latency_span(client.latency.p99),
                          {percent(client.hit_share)},
                          {count(client.now.connections)},
                          {count(client.now.operations)}});
  }
  return table;
}

}  // namespace terminal
