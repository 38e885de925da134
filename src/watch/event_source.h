// Single events of the targets, by their names.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "model/probe_event.h"
#include "probe/event_reader.h"
#include "watch/target_list.h"
#include "watch/thread_names.h"
#include "watch/watched.h"

namespace watch {

struct NamedEvent {
  std::string process;
  model::ProbeEvent event;
};

// So many events of a target were lost since the last look.
struct LostEvents {
  std::string process;
  std::uint64_t count = 0;
};

// How many requests a collection has hit, as far as they have ended.
struct RequestsHit {
  std::string process;
  std::uint64_t heap = 0;
  std::uint64_t cycle = 0;
  std::uint64_t requests = 0;
};

struct TakenEvents {
  std::vector<NamedEvent> events;  // in order
  std::vector<LostEvents> lost;
};

// Takes events for whoever keeps them. One thread at a time.
class EventSource {
 public:
  // `list` outlives it. Tells nothing where no chosen group does.
  static base::Result<EventSource> open(std::shared_ptr<Surroundings> surroundings,
                                        const TargetList& list);

  // What is there now, without waiting. Events of a target that has just ended still have its name.
  TakenEvents take();

  // Of the last collections of each target.
  std::vector<RequestsHit> read_requests_hit() const;

 private:
  EventSource(std::shared_ptr<Surroundings> surroundings, const TargetList& list,
              std::optional<probe::EventReader> reader);

  // Who had the slot last.
  struct Owner {
    std::string name;
    int pid = 0;
  };

  std::shared_ptr<Surroundings> surroundings_;
  const TargetList* list_;
  std::optional<probe::EventReader> reader_;
  std::vector<Owner> owners_;  // by slot
  ThreadNames thread_names_;
};

}  // namespace watch
