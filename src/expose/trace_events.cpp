#include "expose/trace_events.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "base/utf8.h"
#include "expose/json_text.h"

namespace expose {
namespace {

using Json = TraceEvents::Json;

// The ends of an arrow find each other by it, too.
constexpr const char* kCategory = "valkyria";

}  // namespace

TraceSpan within(const TraceSpan& parent, TraceSpan span) {
  const std::uint64_t begin_us = std::clamp(span.begin_us, parent.begin_us, parent.end_us);
  const std::uint64_t end_us = std::clamp(span.end_us, begin_us, parent.end_us);
  const bool is_cut = begin_us != span.begin_us || end_us != span.end_us;
  return {begin_us, end_us, span.is_clipped || is_cut};
}

TraceEvents::TraceEvents(int pid, std::uint64_t from_ns, std::uint64_t to_ns)
    : pid_(pid), from_ns_(from_ns), to_ns_(std::max(from_ns, to_ns)) {}

bool TraceEvents::is_inside(std::uint64_t begun_ns, std::uint64_t ended_ns) const {
  return ended_ns >= from_ns_ && begun_ns <= to_ns_;
}

std::uint64_t TraceEvents::us_of(std::uint64_t time_ns) const {
  return (std::clamp(time_ns, from_ns_, to_ns_) - from_ns_) / 1'000;
}

TraceSpan TraceEvents::span_of(std::uint64_t begun_ns, std::uint64_t ended_ns) const {
  const std::uint64_t last_ns = std::max(begun_ns, ended_ns);
  return {us_of(begun_ns), us_of(last_ns), begun_ns < from_ns_ || last_ns > to_ns_};
}

TraceSpan TraceEvents::take(std::uint32_t lane, TraceSpan span) {
  std::uint64_t& taken_until_us = taken_until_us_[lane];
  const TraceSpan rest{std::max(span.begin_us, taken_until_us),
                       std::max(span.end_us, taken_until_us), span.is_clipped};
  taken_until_us = rest.end_us;
  return {rest.begin_us, rest.end_us, rest.is_clipped || rest.begin_us != span.begin_us};
}

void TraceEvents::name_process(std::string_view name) {
  add_name({{"ph", "M"}, {"name", "process_name"}, {"pid", pid_}},
           {{"name", base::valid_utf8(name)}});
  add_name({{"ph", "M"}, {"name", "process_sort_index"}, {"pid", pid_}}, {{"sort_index", 0}});
}

void TraceEvents::name_lane(std::uint32_t lane, std::string_view name, std::size_t sort_index) {
  add_name({{"ph", "M"}, {"name", "thread_name"}, {"pid", pid_}, {"tid", lane}},
           {{"name", base::valid_utf8(name)}});
  add_name({{"ph", "M"}, {"name", "thread_sort_index"}, {"pid", pid_}, {"tid", lane}},
           {{"sort_index", sort_index}});
}

// Names have no time: viewers reject those that do.
void TraceEvents::add_name(Json event, Json arguments) {
  event["args"] = std::move(arguments);
  names_.push_back(json_text(event));
}

Json TraceEvents::begin(std::string_view phase, std::string_view name) const {
  return {{"ph", phase}, {"name", base::valid_utf8(name)}, {"cat", kCategory}, {"pid", pid_}};
}

void TraceEvents::add_slice(std::uint32_t lane, std::string_view name, const TraceSpan& span,
                            Json arguments) {
  if (span.is_clipped) arguments["clipped"] = true;
  Json event = begin("X", name);
  event["tid"] = lane;
  event["ts"] = span.begin_us;
  event["dur"] = span.length_us();
  event["args"] = std::move(arguments);
  add(span.begin_us, span.length_us(), Rank::kSlice, event);
}

void TraceEvents::add_instant(std::uint32_t lane, std::string_view name, std::uint64_t at_us,
                              Json arguments) {
  Json event = begin("i", name);
  event["tid"] = lane;
  event["ts"] = at_us;
  event["s"] = "t";
  event["args"] = std::move(arguments);
  add(at_us, 0, Rank::kOther, event);
}

void TraceEvents::add_flow(std::string_view name, std::uint64_t id, TracePoint from,
                           TracePoint to) {
  for (const auto& [phase, point] : {std::pair("s", from), std::pair("f", to)}) {
    Json event = begin(phase, name);
    event["tid"] = point.lane;
    event["ts"] = point.at_us;
    event["id"] = id;
    if (phase[0] == 'f') event["bp"] = "e";  // in the slice around it, not the next one
    add(point.at_us, 0, Rank::kOther, event);
  }
}

// No lane: a counter is the process's.
void TraceEvents::add_counter(std::string_view name, std::uint64_t at_us, const Json& values) {
  Json event = begin("C", name);
  event["ts"] = at_us;
  event["args"] = values;
  add(at_us, 0, Rank::kOther, event);
}

void TraceEvents::add(std::uint64_t at_us, std::uint64_t length_us, Rank rank, const Json& event) {
  events_.push_back({at_us, length_us, rank, json_text(event)});
}

// By time, parents before children.
std::string TraceEvents::write() const {
  std::vector<const Event*> order;
  order.reserve(events_.size());
  std::size_t bytes = 0;
  for (const Event& event : events_) {
    order.push_back(&event);
    bytes += event.text.size() + 2;
  }
  std::stable_sort(order.begin(), order.end(), [](const Event* a, const Event* b) {
    return std::tuple(a->at_us, a->rank, b->length_us) <
           std::tuple(b->at_us, b->rank, a->length_us);
  });
  std::string out;
  out.reserve(bytes);
  const auto append = [&](const std::string& text) {
    if (!out.empty()) out += ",\n";
    out += text;
  };
  for (const std::string& name : names_) append(name);
  for (const Event* const event : order) append(event->text);
  return out;
}

}  // namespace expose
