#include "timeline/recorder.h"

#include <algorithm>
#include <utility>

namespace timeline {
namespace {

// A collection that never ends, or whose end was lost, is forgotten when so many others are open.
constexpr std::size_t kMaxOpen = 256;
constexpr std::size_t kMaxArrivals = 256;

model::GcReason reason_of(std::uint32_t number) {
  switch (number) {
    case 1:
      return model::GcReason::kThreshold;
    case 2:
      return model::GcReason::kExplicit;
    case 3:
      return model::GcReason::kEmergency;
    default:
      return model::GcReason::kUnknown;
  }
}

// The target's stamps can be anything: a begin after the end is not known.
model::Count up_to(model::Count moment_ns, std::uint64_t limit_ns) {
  return moment_ns && *moment_ns <= limit_ns ? moment_ns : std::nullopt;
}

model::GcEvent gc_event_of(const model::ProbeEvent& event) {
  model::GcEvent gc;
  gc.heap = event.subject;
  gc.cycle = event.cycle;
  gc.reason = reason_of(event.reason);
  gc.world_stopped = event.world_stopped;
  gc.ended_ns = event.time_ns;
  gc.begun_ns = up_to(event.begun_ns, gc.ended_ns);
  gc.requested_ns = up_to(event.requested_ns, gc.begun_ns.value_or(0));
  gc.requested_thread = event.requested_thread;
  gc.used_before_bytes = event.used_before_bytes;
  gc.used_after_bytes = event.used_after_bytes;
  gc.total_bytes = event.total_bytes;
  gc.reclaimed_bytes = event.reclaimed_bytes;
  gc.trigger_bytes = event.trigger_bytes;
  return gc;
}

}  // namespace

void Recorder::add(const std::string& process, model::ProbeEvent event) {
  switch (event.kind) {
    case model::ProbeEvent::Kind::kArrival:
      return add_arrival(process, event);
    case model::ProbeEvent::Kind::kCollection: {
      model::GcEvent gc = gc_event_of(event);
      gc.arrivals = take_arrivals(process, event);
      const std::uint64_t begun_ns = gc.requested_ns.value_or(gc.begun_ns.value_or(gc.ended_ns));
      return window_.add({0, process, begun_ns, event.time_ns, std::move(gc)});
    }
    case model::ProbeEvent::Kind::kStall: {
      const std::uint64_t busy_ns = std::min(event.busy_ns, event.time_ns);
      return window_.add({0, process, event.time_ns - busy_ns, event.time_ns,
                          model::StallEvent{std::move(event.system), busy_ns}});
    }
  }
}

void Recorder::add_hole(const std::string& process, std::uint64_t count, std::uint64_t from_ns,
                        std::uint64_t to_ns) {
  window_.add({0, process, from_ns, to_ns, model::LostEvent{count, "events_full"}});
}

void Recorder::add_arrival(const std::string& process, const model::ProbeEvent& event) {
  if (!event.cycle) return;
  auto open = std::find_if(open_.begin(), open_.end(), [&](const Open& one) {
    return one.process == process && one.heap == event.subject && one.cycle == *event.cycle;
  });
  if (open == open_.end()) {
    if (open_.size() >= kMaxOpen) open_.pop_front();
    open_.push_back({process, event.subject, *event.cycle, {}});
    open = open_.end() - 1;
  }
  if (open->arrivals.size() < kMaxArrivals) {
    open->arrivals.push_back({event.thread, event.thread_name, event.time_ns});
  }
}

std::vector<model::Arrival> Recorder::take_arrivals(const std::string& process,
                                                    const model::ProbeEvent& event) {
  const auto open = std::find_if(open_.begin(), open_.end(), [&](const Open& one) {
    return one.process == process && one.heap == event.subject && one.cycle == event.cycle;
  });
  if (open == open_.end()) return {};
  std::vector<model::Arrival> arrivals = std::move(open->arrivals);
  open_.erase(open);
  return arrivals;
}

}  // namespace timeline
