#include "probe/event_reader.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <valkyria/abi/endpoint.h>
#include <valkyria/abi/event.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "base/owned.h"
#include "probe/map_reader.h"
#include "probe/text.h"

namespace probe {
namespace {

using model::Count;
using model::ProbeEvent;

Count known(bool is_known, std::uint64_t number) {
  return is_known ? Count(number) : std::nullopt;
}

ProbeEvent::Kind kind_of(std::uint32_t kind) {
  switch (kind) {
    case VALK_EVENT_ARRIVAL:
      return ProbeEvent::Kind::kArrival;
    case VALK_EVENT_STALL:
      return ProbeEvent::Kind::kStall;
    default:
      return ProbeEvent::Kind::kCollection;
  }
}

ProbeEvent event_of(const valk_event& told) {
  ProbeEvent event;
  event.kind = kind_of(told.kind);
  event.slot = told.slot;
  event.time_ns = told.time_ns;
  event.subject = told.subject;
  event.cycle = known((told.tells & VALK_TELLS_CYCLE) != 0, told.cycle);
  event.thread = told.thread;
  event.busy_ns = told.busy_ns;
  if (event.kind != ProbeEvent::Kind::kCollection) return event;
  const bool tells_live = (told.tells & (VALK_TELLS_USE | VALK_TELLS_LIVE)) != 0;
  const bool tells_limits = (told.tells & VALK_TELLS_LIMITS) != 0;
  event.requested_ns = known(told.requested_ns != 0, told.requested_ns);
  event.begun_ns = known(told.begun_ns != 0, told.begun_ns);
  event.used_before_bytes = known((told.tells & VALK_TELLS_USE) != 0, told.used_before_bytes);
  event.used_after_bytes = known(tells_live, told.used_after_bytes);
  event.total_bytes = known(tells_limits, told.total_bytes);
  event.trigger_bytes = known(tells_limits, told.trigger_bytes);
  event.reclaimed_bytes = told.reclaimed_bytes;
  event.reason = told.reason;
  if (told.world_stopped != 0) event.world_stopped = told.world_stopped == 1;
  if (told.requested_thread != 0) event.requested_thread = told.requested_thread;
  return event;
}

}  // namespace

struct EventReader::Ring {
  std::uint32_t max_targets = 0;
  std::vector<ProbeEvent> events;  // the ring writes into it, so it stays where it is
  base::Owned<ring_buffer, ring_buffer__free> ring;

  static int take(void* context, void* data, std::size_t bytes) {
    if (bytes < sizeof(valk_event)) return 0;
    const auto& told = *static_cast<const valk_event*>(data);
    auto& ring = *static_cast<Ring*>(context);
    if (told.slot < ring.max_targets) ring.events.push_back(event_of(told));
    return 0;
  }
};

base::Result<EventReader> EventReader::open(const Programs& programs) {
  const int fd = programs.map_fd("events");
  if (fd < 0) return base::fail("open the ring buffer of events: no chosen group tells any");
  auto ring = std::make_unique<Ring>();
  ring->max_targets = programs.max_targets();
  ring->ring.reset(ring_buffer__new(fd, Ring::take, ring.get(), nullptr));
  if (!ring->ring) {
    return base::fail("open the ring buffer of events: {}", base::errno_text(errno));
  }
  return EventReader(programs, std::move(ring));
}

EventReader::EventReader(const Programs& programs, std::unique_ptr<Ring> ring)
    : programs_(&programs), ring_(std::move(ring)), lost_(programs.max_targets()) {
  for (std::uint32_t slot = 0; slot < lost_.size(); ++slot) lost_[slot] = lost_so_far(slot);
}
EventReader::EventReader(EventReader&&) noexcept = default;
EventReader::~EventReader() = default;

EventReader::Taken EventReader::take() {
  ring_buffer__consume(ring_->ring.get());
  Taken taken{std::exchange(ring_->events, {}), std::vector<std::uint64_t>(lost_.size())};
  const int names = programs_->map_fd("endpoint_names");
  for (ProbeEvent& event : taken.events) {
    if (event.kind != ProbeEvent::Kind::kStall) continue;
    const valk_endpoint key{
        .system = event.subject, .server = 0, .slot = event.slot, .port = 0, .tls = 0, .pad = 0};
    valk_endpoint_names found{};
    if (bpf_map_lookup_elem(names, &key, &found) == 0) event.system = text_of(found.system);
  }
  for (std::uint32_t slot = 0; slot < lost_.size(); ++slot) {
    const std::uint64_t before = std::exchange(lost_[slot], lost_so_far(slot));
    taken.lost[slot] = lost_[slot] - before;
  }
  return taken;
}

std::vector<EventReader::RequestsHit> EventReader::read_requests_hit() const {
  std::vector<RequestsHit> hits;
  const auto slots = read_map<std::uint32_t, valk_pauses>(*programs_, "pauses");
  if (!slots) return hits;
  for (const auto& [slot, pauses] : *slots) {
    const auto known = std::min<std::uint64_t>(pauses.count, VALK_RECENT_PAUSES);
    for (std::size_t i = 0; i < known; ++i) {
      const valk_pause& pause = pauses.recent[i];
      hits.push_back({slot, pause.heap, pause.cycle, pause.requests});
    }
  }
  return hits;
}

std::uint64_t EventReader::lost_so_far(std::uint32_t slot) const {
  return __atomic_load_n(&programs_->counters()[slot].lost[VALK_LOSS_EVENTS_FULL],
                         __ATOMIC_RELAXED);
}

}  // namespace probe
