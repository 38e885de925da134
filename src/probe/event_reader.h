// Single events, as the programs tell them.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "base/result.h"
#include "model/probe_event.h"
#include "probe/programs.h"

struct ring_buffer;

namespace probe {

// Takes events off the ring. One thread at a time; the programs outlive it. It wakes nobody: who
// wants the events looks often enough, or they are lost, which is counted.
class EventReader {
 public:
  struct Taken {
    std::vector<model::ProbeEvent> events;  // in the order in which they were told
    // Of each slot, how many were lost since the last look.
    std::vector<std::uint64_t> lost;
  };

  // Fails where no chosen group tells events.
  static base::Result<EventReader> open(const Programs& programs);
  EventReader(EventReader&&) noexcept;
  EventReader& operator=(EventReader&&) = delete;
  ~EventReader();

  // What is there now, without waiting.
  Taken take();

  // Requests that have ended and were under way in one of the last pauses of a slot.
  struct RequestsHit {
    std::uint32_t slot = 0;
    std::uint64_t heap = 0;
    std::uint64_t cycle = 0;
    std::uint64_t requests = 0;
  };
  std::vector<RequestsHit> read_requests_hit() const;

 private:
  struct Ring;
  EventReader(const Programs& programs, std::unique_ptr<Ring> ring);
  std::uint64_t lost_so_far(std::uint32_t slot) const;

  const Programs* programs_;
  std::unique_ptr<Ring> ring_;
  std::vector<std::uint64_t> lost_;  // of each target's slot
};

}  // namespace probe
