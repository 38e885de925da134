#include "expose/trace_lanes.h"

#include <fmt/core.h>

#include <algorithm>
#include <optional>
#include <string_view>
#include <utility>
#include <variant>

#include "expose/event_json.h"
#include "expose/trace_lane_names.h"

namespace expose {
namespace {

using Json = TraceEvents::Json;
using model::Count;

Json number_or_null(const Count& count) {
  return count ? Json(*count) : Json(nullptr);
}

std::string title_of(const model::GcEvent& gc) {
  std::string title = "GC";
  if (gc.cycle) title += fmt::format(" #{}", *gc.cycle);
  if (gc.reason != model::GcReason::kUnknown) title += fmt::format(" {}", text_of(gc.reason));
  return title;
}

const char* title_of(model::TargetEvent::What what) {
  switch (what) {
    case model::TargetEvent::What::kFound:
      return "process found";
    case model::TargetEvent::What::kStarted:
      return "process started";
    case model::TargetEvent::What::kEnded:
      return "process ended";
  }
  return "process";
}

Json arguments_of(const model::TimelineEvent& event, const model::GcEvent& gc) {
  return {{"sequence", event.sequence},
          {"cycle", number_or_null(gc.cycle)},
          {"heap", gc.heap},
          {"reason", text_of(gc.reason)},
          {"world_stopped", gc.world_stopped ? Json(*gc.world_stopped) : Json(nullptr)},
          {"pause_ns", number_or_null(gc.pause_ns())},
          {"safepoint_ns", number_or_null(gc.safepoint_ns())},
          {"used_before", number_or_null(gc.used_before_bytes)},
          {"used_after", number_or_null(gc.used_after_bytes)},
          {"reclaimed", number_or_null(gc.reclaimed_bytes)},
          {"trigger", number_or_null(gc.trigger_bytes)},
          {"requests_hit", number_or_null(gc.requests_hit)},
          {"last_thread", gc.arrivals.empty() ? Json(nullptr) : Json(gc.arrivals.back().thread)}};
}

// Adds events of each kind to their lanes.
class Slices {
 public:
  Slices(TraceEvents& trace, const TraceLanes& lanes) : trace_(trace), lanes_(lanes) {}

  void add(const model::TimelineEvent& event) {
    event_ = &event;
    std::visit(*this, event.detail);
  }

  void operator()(const model::GcEvent& gc) {
    const auto lane = lanes_.heaps.find(gc.heap);
    if (lane == lanes_.heaps.end()) return;
    const TraceSpan whole = take(lane->second);
    trace_.add_slice(lane->second, title_of(gc), whole, arguments_of(*event_, gc));
    const auto pause = add_phases(lane->second, whole, gc);
    const auto asked = add_asking(gc);
    const auto last = add_stopped(gc);
    // Sequences are of one collection, cycles of a heap's.
    add_arrow("gc asked", 2 * event_->sequence, asked, pause);
    add_arrow("last to arrive", 2 * event_->sequence + 1, last, pause);
  }
  void operator()(const model::StallEvent& stall) {
    const auto lane = lanes_.loops.find(stall.system);
    if (lane == lanes_.loops.end()) return;
    trace_.add_slice(lane->second, fmt::format("stall {} ms", stall.busy_ns / 1'000'000),
                     take(lane->second), with_sequence({{"busy_ns", stall.busy_ns}}));
  }
  void operator()(const model::OverloadEvent& overload) {
    add_instant(fmt::format("overload {}:{}", overload.server, overload.port),
                {{"count", overload.count}});
  }
  void operator()(const model::ConnectionsEvent& connections) {
    add_instant("connections " + connections.system,
                {{"opened", connections.opened}, {"closed", connections.closed}});
  }
  void operator()(const model::TargetEvent& target) {
    add_instant(title_of(target.what), {{"pid", target.pid}});
  }
  void operator()(const model::LostEvent& lost) {
    trace_.add_slice(kLostLane, fmt::format("{} lost: {}", lost.count, words_of(lost.cause)),
                     take(kLostLane),
                     with_sequence({{"count", lost.count}, {"cause", lost.cause}}));
  }
  void operator()(const model::CaptureEvent& capture) {
    trace_.add_slice(kCaptureLane, "capture " + capture.id, take(kCaptureLane),
                     with_sequence({{"id", capture.id}, {"rule", capture.rule}}));
    trace_.add_instant(kCaptureLane, capture.rule, trace_.us_of(event_->begun_ns),
                       with_sequence({{"id", capture.id}}));
  }

 private:
  TraceSpan take(std::uint32_t lane) {
    return trace_.take(lane, trace_.span_of(event_->begun_ns, event_->ended_ns));
  }

  Json with_sequence(Json arguments) const {
    arguments["sequence"] = event_->sequence;
    return arguments;
  }

  void add_instant(const std::string& name, Json arguments) {
    trace_.add_instant(kEventLane, name, trace_.us_of(event_->ended_ns),
                       with_sequence(std::move(arguments)));
  }

  void add_arrow(std::string_view name, std::uint64_t id, const std::optional<TracePoint>& from,
                 const std::optional<TracePoint>& to) {
    if (from && to && from->at_us <= to->at_us) trace_.add_flow(name, id, *from, *to);
  }

  static std::string words_of(std::string cause) {
    std::replace(cause.begin(), cause.end(), '_', ' ');
    return cause;
  }

  // Nothing is left of it in this window or on this lane.
  static bool is_gone(const TraceSpan& span) { return span.is_clipped && span.length_us() == 0; }

  static TracePoint head_of(std::uint32_t lane, const TraceSpan& span) {
    return {lane, span.begin_us};
  }

  // Gives where arrows to the pause end: a microsecond behind its begin, where the wait before it
  // ends.
  std::optional<TracePoint> add_phases(std::uint32_t lane, const TraceSpan& whole,
                                       const model::GcEvent& gc) {
    if (!gc.begun_ns) return std::nullopt;
    if (gc.requested_ns) {
      const auto wait = within(whole, trace_.span_of(*gc.requested_ns, *gc.begun_ns));
      if (wait.length_us() > 0) trace_.add_slice(lane, "wait for safe point", wait);
    }
    const auto pause = within(whole, trace_.span_of(*gc.begun_ns, gc.ended_ns));
    if (is_gone(pause)) return std::nullopt;
    const bool others_run = gc.world_stopped == false;
    trace_.add_slice(lane, others_run ? "collection, others run" : "pause", pause);
    if (pause.length_us() == 0) return std::nullopt;
    return TracePoint{lane, pause.begin_us + (pause.length_us() > 1 ? 1 : 0)};
  }

  // On the thread that asked, until it has arrived itself or, where it needs not, until the begin.
  std::optional<TracePoint> add_asking(const model::GcEvent& gc) {
    if (!gc.requested_thread || !gc.requested_ns || !is_thread(*gc.requested_thread)) {
      return std::nullopt;
    }
    std::uint64_t until_ns = gc.begun_ns.value_or(gc.ended_ns);
    for (const model::Arrival& arrival : gc.arrivals) {
      if (arrival.thread == *gc.requested_thread) until_ns = std::min(until_ns, arrival.time_ns);
    }
    TraceSpan span = trace_.span_of(*gc.requested_ns, until_ns);
    if (is_gone(span)) return std::nullopt;
    span.end_us = std::min(std::max(span.end_us, span.begin_us + 1), trace_.last_us());
    span = trace_.take(*gc.requested_thread, span);
    if (span.length_us() == 0) return std::nullopt;
    trace_.add_slice(*gc.requested_thread, "GC asked for", span, with_sequence(Json::object()));
    return head_of(*gc.requested_thread, span);
  }

  // Gives where the arrow from the last one begins.
  std::optional<TracePoint> add_stopped(const model::GcEvent& gc) {
    std::optional<TracePoint> last;
    for (const model::Arrival& arrival : gc.arrivals) {
      last.reset();
      if (!is_thread(arrival.thread) || arrival.time_ns > gc.ended_ns) continue;
      if (!trace_.is_inside(arrival.time_ns, gc.ended_ns)) continue;
      const TraceSpan span =
          trace_.take(arrival.thread, trace_.span_of(arrival.time_ns, gc.ended_ns));
      if (span.length_us() == 0) continue;
      trace_.add_slice(arrival.thread, "stopped at safe point", span,
                       with_sequence(Json::object()));
      last = head_of(arrival.thread, span);
    }
    return last;
  }

  TraceEvents& trace_;
  const TraceLanes& lanes_;
  const model::TimelineEvent* event_ = nullptr;
};

}  // namespace

// A collection: three slices, asking, two arrows, two moments of the heap, and who arrived.
std::size_t trace_events_of(const model::TimelineEvent& event) {
  const auto* const gc = std::get_if<model::GcEvent>(&event.detail);
  return gc != nullptr ? 10 + gc->arrivals.size() : 2;
}

void add_lanes(TraceEvents& trace, const model::TraceParts& parts,
               const std::vector<const model::TimelineEvent*>& events,
               std::vector<std::string>& left_out) {
  const TraceLanes lanes = find_lanes(events, left_out);
  name_lanes(trace, parts, lanes);
  Slices slices(trace, lanes);
  for (const model::TimelineEvent* const event : events) slices.add(*event);
}

}  // namespace expose
