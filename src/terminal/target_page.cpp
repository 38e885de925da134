#include "terminal/target_page.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <utility>

#include "terminal/cells.h"
#include "terminal/health.h"
#include "terminal/tables.h"
#include "terminal/tones.h"
#include "terminal/units.h"

namespace terminal {
namespace {

constexpr double kRecentSeconds = 10;
constexpr std::size_t kNameCells = 10;  // of what stands before a line's numbers
constexpr std::size_t kHeapCells = 50;

Line identity_line(const TargetView& view, double unix_seconds) {
  const Target& now = view.now;
  // Of a process without a name, its file.
  const std::string name =
      now.process.empty() ? now.exe.substr(now.exe.rfind('/') + 1) : now.process;
  Line line{{fit(name.empty() ? "process" : name, 24, Side::kNone), Tone::kTitle}};
  line.push_back({"  pid " + (now.pid.empty() ? kUnknown : safe(now.pid))});
  const Known up =
      now.start_unix_seconds ? Known(unix_seconds - *now.start_unix_seconds) : std::nullopt;
  line.push_back({"  up " + (up ? age(std::max(*up, 0.0)) : kUnknown)});
  line.push_back({"  CPU " + percent(view.cpu_share) + "  memory " + bytes(now.resident_bytes)});
  return line;
}

Line verdict_line(const Verdict& verdict) {
  return {{fit(word_of(verdict.state), kNameCells), tone_of(verdict.state)},
          {verdict.reason, tone_of(verdict.state)}};
}

Span name_span(const char* name) {
  return {fit(name, kNameCells), Tone::kTitle};
}

Line request_line(const TargetView& view) {
  const Tone errors =
      view.error_share ? tone_of(judge(*view.error_share, kErrorShare)) : Tone::kPlain;
  const auto& p99 = view.latency.p99;
  return {name_span("REQUESTS"),
          {per_second(view.requests) + "/s  4xx " + per_second(view.errors_4xx) + "/s  "},
          {"5xx " + per_second(view.errors_5xx) + "/s", errors},
          {"  P50 " + latency(view.latency.p50) + "  P95 " + latency(view.latency.p95) + "  "},
          {"P99 " + latency(p99), p99 ? tone_of(judge(p99->seconds, kP99Seconds)) : Tone::kPlain}};
}

// In use as full cells, the trigger as a stroke, the rest of the heap as dots.
std::string heap_bar(const Target& now) {
  const double total = *now.total_bytes;
  const auto cell_of = [&](double value) {
    return static_cast<std::size_t>(std::clamp(value / total, 0.0, 1.0) * (kHeapCells - 1));
  };
  const std::size_t used = cell_of(*now.used_bytes);
  std::string bar;
  for (std::size_t i = 0; i < kHeapCells; ++i) {
    if (now.trigger_bytes && i == cell_of(*now.trigger_bytes)) {
      bar += '|';
    } else {
      bar += i < used || (i == 0 && *now.used_bytes > 0) ? "\xE2\x96\x88" : "\xE2\x96\x91";
    }
  }
  return bar;
}

Lines heap_lines(const Target& now) {
  Lines lines{{name_span("HEAP"),
               {"used " + bytes(now.used_bytes) + "  live " + bytes(now.live_bytes) + "  trigger " +
                bytes(now.trigger_bytes) + "  total " + bytes(now.total_bytes)}}};
  const bool can_draw = now.used_bytes && now.total_bytes.value_or(0) > 0;
  const Known share = can_draw ? Known(*now.used_bytes / *now.total_bytes) : std::nullopt;
  lines.push_back({{fit("", kNameCells)},
                   {can_draw ? heap_bar(now) : std::string(kUnknown)},
                   {"  " + percent(share) + " in use"}});
  return lines;
}

Line gc_line(const TargetView& view) {
  const Tone tone =
      view.pause_share ? tone_of(judge(*view.pause_share, kPauseShare)) : Tone::kPlain;
  return {name_span("GC"),
          {count(view.now.cycles) + " cycles  " + per_second(view.cycles) + "/s  "},
          {percent(view.pause_share) + " of the time", tone},
          {"  " + bytes(view.reclaimed) + "/s freed  max " + seconds(view.now.pause_seconds_max)}};
}

Lines head_lines(const TargetView& view, const std::deque<Pause>& pauses, double unix_seconds) {
  Lines lines{identity_line(view, unix_seconds),
              verdict_line(verdict_of(view, recent(pauses, view.now.process, unix_seconds))),
              request_line(view)};
  Lines heap = heap_lines(view.now);
  std::move(heap.begin(), heap.end(), std::back_inserter(lines));
  lines.push_back(gc_line(view));
  return lines;
}

}  // namespace

std::deque<Pause> recent(const std::deque<Pause>& pauses, const std::string& process,
                         double unix_seconds) {
  std::deque<Pause> result;
  for (const Pause& pause : pauses) {
    const double ago = std::abs(unix_seconds - pause.unix_ms / 1'000);
    if (pause.process == process && ago < kRecentSeconds) result.push_back(pause);
  }
  return result;
}

Lines write_target(const TargetView& view, const std::deque<Pause>& pauses,
                   const std::string& no_pauses, double unix_seconds, std::size_t columns,
                   std::size_t rows) {
  Lines lines = head_lines(view, pauses, unix_seconds);
  const std::vector<Table> tables{pause_table(pauses, view.now.process, no_pauses),
                                  system_table(view), server_table(view), client_table(view)};
  std::vector<std::size_t> heights;
  for (const Table& table : tables) heights.push_back(height(table));
  if (rows != 0) heights = share_lines(heights, rows - std::min(rows, lines.size()));
  for (std::size_t i = 0; i < tables.size(); ++i) {
    Lines table = write_table(tables[i], heights[i], columns);
    std::move(table.begin(), table.end(), std::back_inserter(lines));
  }
  return lines;
}

}  // namespace terminal
