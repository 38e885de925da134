#include "expose/trace_json.h"

#include <fmt/core.h>

#include <algorithm>
#include <ctime>
#include <map>
#include <variant>
#include <vector>

#include "base/clock.h"
#include "base/utf8.h"
#include "expose/json_text.h"
#include "expose/trace_counters.h"
#include "expose/trace_events.h"
#include "expose/trace_lanes.h"

namespace expose {
namespace {

using Json = TraceEvents::Json;
using Events = std::vector<const model::TimelineEvent*>;

constexpr std::size_t kMaxTraceEvents = 50'000;
constexpr std::size_t kEdges = 2;  // values of the heap besides those of each second
constexpr std::size_t kMaxNameBytes = 40;

std::string utc(const char* format, std::uint64_t unix_ns) {
  const auto seconds = static_cast<std::time_t>(unix_ns / 1'000'000'000);
  std::tm parts{};
  ::gmtime_r(&seconds, &parts);
  char text[32] = "";
  std::strftime(text, sizeof(text), format, &parts);
  return text;
}

std::string utc_with_us(std::uint64_t unix_ns) {
  return fmt::format("{}.{:06}Z", utc("%Y-%m-%dT%H:%M:%S", unix_ns), unix_ns / 1'000 % 1'000'000);
}

// Those within the window, in the order of their ends.
Events events_within(const TraceEvents& trace, const model::TraceParts& parts) {
  Events events;
  for (const model::TimelineEvent& event : parts.timeline.events) {
    if (trace.is_inside(event.begun_ns, event.ended_ns)) events.push_back(&event);
  }
  std::stable_sort(events.begin(), events.end(),
                   [](const auto* a, const auto* b) { return a->ended_ns < b->ended_ns; });
  return events;
}

// The newest ones for which there is room; gives how many were dropped.
std::size_t drop_oldest(Events& events, std::size_t room) {
  auto first_kept = events.end();
  while (first_kept != events.begin()) {
    const std::size_t needed = trace_events_of(**(first_kept - 1));
    if (needed > room) break;
    room -= needed;
    --first_kept;
  }
  const auto dropped = static_cast<std::size_t>(first_kept - events.begin());
  events.erase(events.begin(), first_kept);
  return dropped;
}

Json lost_by_cause(const Events& events) {
  std::map<std::string, std::uint64_t> lost;
  for (const model::TimelineEvent* const event : events) {
    if (const auto* hole = std::get_if<model::LostEvent>(&event->detail)) {
      lost[hole->cause] += hole->count;
    }
  }
  return lost;
}

// Its json is written later.
Trace trace_of(const Events& events) {
  Trace trace;
  trace.events = events.size();
  for (const model::TimelineEvent* const event : events) {
    const bool is_first = event == events.front();
    trace.first_sequence =
        is_first ? event->sequence : std::min(trace.first_sequence, event->sequence);
    trace.last_sequence = std::max(trace.last_sequence, event->sequence);
  }
  return trace;
}

Json about(const model::TraceParts& parts, const Events& events, const Trace& told,
           std::size_t dropped, const std::vector<std::string>& left_out) {
  Json probes = Json::array();
  for (const std::string& probe : parts.probes) probes.push_back(probe);
  return {{"exporter_version", parts.version},
          {"process", base::valid_utf8(parts.process)},
          {"pid", parts.pid},
          {"build_id", parts.build_id.empty() ? Json(nullptr) : Json(parts.build_id)},
          {"window_start_utc", utc_with_us(base::unix_ns_of(parts.from_ns))},
          {"window_us", (std::max(parts.from_ns, parts.to_ns) - parts.from_ns) / 1'000},
          {"clock", "CLOCK_MONOTONIC"},
          {"window_start_monotonic_ns", parts.from_ns},
          {"unix_offset_ns", base::unix_ns_of(0)},
          {"epoch", parts.timeline.epoch},
          {"first_sequence", events.empty() ? Json(nullptr) : Json(told.first_sequence)},
          {"last_sequence", events.empty() ? Json(nullptr) : Json(told.last_sequence)},
          {"events", told.events},
          {"events_dropped", dropped},
          {"lost", lost_by_cause(events)},
          {"probes", std::move(probes)},
          {"left_out", left_out}};
}

}  // namespace

Trace write_trace(const model::TraceParts& parts) {
  TraceEvents trace(parts.pid, parts.from_ns, parts.to_ns);
  const std::string name = parts.process.empty() ? "valkyria" : parts.process;
  trace.name_process(fmt::format("{} ({})", name, parts.pid));
  Events events = events_within(trace, parts);
  std::vector<std::string> left_out;
  add_counters(trace, parts, left_out);
  const std::size_t taken = trace.size() + parts.history.times_ns.size() + kEdges;
  const std::size_t dropped =
      drop_oldest(events, kMaxTraceEvents - std::min(taken, kMaxTraceEvents));
  add_heap_counter(trace, parts, events);
  add_lanes(trace, parts, events, left_out);
  Trace told = trace_of(events);
  std::string json = R"({"displayTimeUnit":"ms","otherData":)";
  json += json_text(about(parts, events, told, dropped, left_out));
  json += ",\"traceEvents\":[\n";
  json += trace.write();
  json += "\n]}\n";
  told.json = std::move(json);
  return told;
}

std::string trace_file_name(const std::string& process, std::uint64_t unix_ns) {
  std::string name;
  for (const char c : process.substr(0, kMaxNameBytes)) {
    const bool is_plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                          (c >= '0' && c <= '9') || c == '.' || c == '-' || c == '_';
    name += is_plain ? c : '-';
  }
  if (!name.empty()) name += '-';
  return fmt::format("valkyria-{}{}.json", name, utc("%Y%m%dT%H%M%SZ", unix_ns));
}

}  // namespace expose
