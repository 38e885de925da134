// A single event, as a probe tells it: before anybody has made sense of it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "model/snapshot.h"

namespace model {

// Times are nanoseconds of CLOCK_MONOTONIC, threads as the kernel numbers them.
struct ProbeEvent {
  // kCollection: one has ended. kArrival: a thread has reached its safe point for one. kStall: a
  // turn of an event loop was long.
  enum class Kind { kCollection, kArrival, kStall };

  Kind kind = Kind::kCollection;
  std::uint32_t slot = 0;     // of the target
  std::uint64_t time_ns = 0;  // when it was told: the end of a collection or of a stall
  std::uint64_t subject = 0;  // the runtime's id of the heap, or of the system
  Count cycle;                // the runtime's own number of the collection
  Count requested_ns;
  Count begun_ns;
  Count used_before_bytes;
  Count used_after_bytes;
  Count total_bytes;
  Count reclaimed_bytes;
  Count trigger_bytes;
  std::uint64_t busy_ns = 0;  // of a stall
  std::uint32_t thread = 0;   // who told it; of an arrival, who arrived
  std::string thread_name;    // of an arrival; any bytes; empty: not known
  std::optional<std::uint32_t> requested_thread;
  std::uint32_t reason = 0;           // as the contract numbers them
  std::optional<bool> world_stopped;  // whether other Lisp threads had to wait
  std::string system;                 // of a stall: the system's name; the target's own text
};

}  // namespace model
