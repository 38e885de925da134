#include "watch/event_source.h"

#include <utility>

namespace watch {

base::Result<EventSource> EventSource::open(std::shared_ptr<Surroundings> surroundings,
                                            const TargetList& list) {
  if (surroundings->programs.map_fd("events") < 0) {
    return EventSource(std::move(surroundings), list, std::nullopt);
  }
  auto reader = probe::EventReader::open(surroundings->programs);
  if (!reader) return pass_on(reader);
  return EventSource(std::move(surroundings), list, std::move(*reader));
}

EventSource::EventSource(std::shared_ptr<Surroundings> surroundings, const TargetList& list,
                         std::optional<probe::EventReader> reader)
    : surroundings_(std::move(surroundings)),
      list_(&list),
      reader_(std::move(reader)),
      owners_(surroundings_->programs.max_targets()),
      thread_names_(surroundings_->proc_root) {}

TakenEvents EventSource::take() {
  TakenEvents taken;
  if (!reader_) return taken;
  for (const auto& target : list_->get()->watched) {
    const Identity& identity = target->identity();
    owners_.at(identity.slot) = {identity.name, identity.process.id.pid};
  }
  probe::EventReader::Taken read = reader_->take();
  for (model::ProbeEvent& event : read.events) {
    const Owner& owner = owners_.at(event.slot);
    if (event.kind == model::ProbeEvent::Kind::kArrival) {
      event.thread_name = thread_names_.get(owner.pid, event.thread, event.time_ns);
    }
    taken.events.push_back({owner.name, std::move(event)});
  }
  for (std::size_t slot = 0; slot < owners_.size(); ++slot) {
    if (read.lost[slot] > 0) taken.lost.push_back({owners_[slot].name, read.lost[slot]});
  }
  return taken;
}

std::vector<RequestsHit> EventSource::read_requests_hit() const {
  std::vector<RequestsHit> named;
  if (!reader_) return named;
  for (const auto& hit : reader_->read_requests_hit()) {
    if (hit.slot >= owners_.size()) continue;
    named.push_back({owners_[hit.slot].name, hit.heap, hit.cycle, hit.requests});
  }
  return named;
}

}  // namespace watch
