#include "expose/event_json.h"

#include <utility>
#include <variant>

#include "base/clock.h"
#include "base/utf8.h"

namespace expose {
namespace {

using Json = nlohmann::ordered_json;
using model::Count;

double unix_ms(std::uint64_t monotonic_ns) {
  const std::uint64_t unix_us = base::unix_ns_of(monotonic_ns) / 1'000;  // a double holds no more
  return static_cast<double>(unix_us) / 1'000;
}

double in_ms(std::uint64_t duration_ns) {
  return static_cast<double>(duration_ns) / 1e6;
}

Json ms_json(const Count& duration_ns) {
  return duration_ns ? Json(in_ms(*duration_ns)) : Json(nullptr);
}

Json number(const Count& count) {
  return count ? Json(*count) : Json(nullptr);
}

std::string_view name_of(model::TargetEvent::What what) {
  switch (what) {
    case model::TargetEvent::What::kFound:
      return "found";
    case model::TargetEvent::What::kStarted:
      return "started";
    case model::TargetEvent::What::kEnded:
      return "ended";
  }
  return "unknown";
}

Json thread_json(const model::Arrival& arrival) {
  return {{"tid", arrival.thread},
          {"name", arrival.name.empty() ? Json(nullptr) : Json(base::valid_utf8(arrival.name))}};
}

Json arrivals_json(const model::GcEvent& gc) {
  Json arrivals = Json::array();
  for (const model::Arrival& arrival : gc.arrivals) {
    const bool is_after = gc.requested_ns && arrival.time_ns >= *gc.requested_ns;
    Json json = thread_json(arrival);
    json["after_ms"] = is_after ? Json(in_ms(arrival.time_ns - *gc.requested_ns)) : Json(nullptr);
    arrivals.push_back(std::move(json));
  }
  return arrivals;
}

// Adds what a kind of event has of its own.
struct Details {
  Json& json;

  void operator()(const model::GcEvent& gc) const {
    json["kind"] = "gc";
    if (gc.begun_ns) json["unix_ms"] = unix_ms(*gc.begun_ns);
    json["requested_unix_ms"] = gc.requested_ns ? Json(unix_ms(*gc.requested_ns)) : Json(nullptr);
    json["heap"] = gc.heap;
    json["cycle"] = number(gc.cycle);
    json["reason"] = gc.reason == model::GcReason::kUnknown ? Json(nullptr) : text_of(gc.reason);
    json["world_stopped"] = gc.world_stopped ? Json(*gc.world_stopped) : Json(nullptr);
    json["safepoint_ms"] = ms_json(gc.safepoint_ns());
    json["pause_ms"] = ms_json(gc.pause_ns());
    json["used_before"] = number(gc.used_before_bytes);
    json["used_after"] = number(gc.used_after_bytes);
    json["total"] = number(gc.total_bytes);
    json["reclaimed"] = number(gc.reclaimed_bytes);
    json["trigger"] = number(gc.trigger_bytes);
    json["requests_hit"] = number(gc.requests_hit);
    json["requested_by"] = gc.requested_thread ? Json(*gc.requested_thread) : Json(nullptr);
    json["last_thread"] = gc.arrivals.empty() ? Json(nullptr) : thread_json(gc.arrivals.back());
    json["arrivals"] = arrivals_json(gc);
  }
  void operator()(const model::StallEvent& stall) const {
    json["kind"] = "stall";
    json["system"] = base::valid_utf8(stall.system);
    json["busy_ms"] = in_ms(stall.busy_ns);
  }
  void operator()(const model::OverloadEvent& overload) const {
    json["kind"] = "overload";
    json["server"] = base::valid_utf8(overload.server);
    json["port"] = base::valid_utf8(overload.port);
    json["count"] = overload.count;
  }
  void operator()(const model::ConnectionsEvent& connections) const {
    json["kind"] = "connections";
    json["system"] = base::valid_utf8(connections.system);
    json["opened"] = connections.opened;
    json["closed"] = connections.closed;
  }
  void operator()(const model::TargetEvent& target) const {
    json["kind"] = "target";
    json["what"] = name_of(target.what);
    json["pid"] = target.pid;
  }
  void operator()(const model::LostEvent& lost) const {
    json["kind"] = "lost";
    json["count"] = lost.count;
    json["cause"] = lost.cause;
  }
  void operator()(const model::CaptureEvent& capture) const {
    json["kind"] = "capture";
    json["id"] = capture.id;
    json["rule"] = capture.rule;
  }
};

}  // namespace

std::string_view text_of(model::GcReason reason) {
  switch (reason) {
    case model::GcReason::kUnknown:
      return "unknown";
    case model::GcReason::kThreshold:
      return "threshold";
    case model::GcReason::kExplicit:
      return "explicit";
    case model::GcReason::kEmergency:
      return "emergency";
  }
  return "unknown";
}

Json event_json(const model::TimelineEvent& event) {
  Json json = {{"seq", event.sequence},
               {"process", base::valid_utf8(event.process)},
               {"kind", nullptr},
               {"unix_ms", unix_ms(event.begun_ns)},
               {"until_unix_ms", unix_ms(event.ended_ns)}};
  std::visit(Details{json}, event.detail);
  return json;
}

}  // namespace expose
