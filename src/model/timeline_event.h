// What happened in and to a target, one thing after the other.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "model/snapshot.h"

namespace model {

// Why a collection was asked for, as the probe contract has it.
enum class GcReason { kUnknown, kThreshold, kExplicit, kEmergency };

struct Arrival {
  std::uint32_t thread = 0;  // as the kernel numbers it
  std::string name;          // the thread's own: any bytes; empty: not known
  std::uint64_t time_ns = 0;
};

// One collection. Times are of CLOCK_MONOTONIC.
struct GcEvent {
  std::uint64_t heap = 0;  // the runtime's id; 0 where it is not told
  Count cycle;
  GcReason reason = GcReason::kUnknown;
  std::optional<bool> world_stopped;
  Count requested_ns;
  Count begun_ns;
  std::uint64_t ended_ns = 0;
  std::optional<std::uint32_t> requested_thread;
  Count used_before_bytes;
  Count used_after_bytes;
  Count total_bytes;
  Count reclaimed_bytes;
  Count trigger_bytes;
  Count requests_hit;             // requests that have ended and were under way in its pause
  std::vector<Arrival> arrivals;  // at the safe point, in order

  Count pause_ns() const { return begun_ns ? Count(ended_ns - *begun_ns) : std::nullopt; }
  Count safepoint_ns() const {
    return begun_ns && requested_ns ? Count(*begun_ns - *requested_ns) : std::nullopt;
  }
};

// A turn of an event loop that was busy for long. The system's name is the target's own text.
struct StallEvent {
  std::string system;
  std::uint64_t busy_ns = 0;
};

// Requests or connections that a server shed within a second.
struct OverloadEvent {
  std::string server;
  std::string port;
  std::uint64_t count = 0;
};

// Many connections that came or went within a second.
struct ConnectionsEvent {
  std::string system;
  std::uint64_t opened = 0;
  std::uint64_t closed = 0;
};

// kFound: it ran already when we first saw it.
struct TargetEvent {
  enum class What { kFound, kStarted, kEnded };
  What what = What::kStarted;
  int pid = 0;
};

// A hole: between its begin and its end so many events were told that nobody could keep.
struct LostEvent {
  std::uint64_t count = 0;
  std::string cause;
};

// The flight recorder fired and kept what it has: from when its rule fired until it was kept.
struct CaptureEvent {
  std::string id;
  std::string rule;
};

using EventDetail = std::variant<GcEvent, StallEvent, OverloadEvent, ConnectionsEvent, TargetEvent,
                                 LostEvent, CaptureEvent>;

struct TimelineEvent {
  std::uint64_t sequence = 0;  // rises by one with each event of any target
  std::string process;         // the target's label
  std::uint64_t begun_ns = 0;  // CLOCK_MONOTONIC
  std::uint64_t ended_ns = 0;
  EventDetail detail;
};

// What is kept of the timeline, from a sequence on.
struct TimelinePart {
  std::string epoch;        // of the sequences: another one with each start of the exporter
  std::uint64_t first = 0;  // the oldest that is kept; `next` where there is none
  std::uint64_t next = 0;   // that the next event will have
  std::uint64_t lost = 0;   // events that are known to be missing: in holes, and past the limits
  std::vector<TimelineEvent> events;  // in order
};

}  // namespace model
