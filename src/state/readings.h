// What a runtime has counted by itself, and who reads it.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "memory/memory.h"
#include "model/catalogue.h"
#include "model/event_counts.h"
#include "model/snapshot.h"

namespace state {

// Totals since the runtime started, and gauges of this moment. What the build doesn't have, or what
// could not be read or believed this time, is absent.
struct Readings {
  model::GcMetrics gc;
  model::InterpreterMetrics interpreter;
  std::vector<model::SystemMetrics> systems;
  std::vector<model::ServerMetrics> servers;
  std::vector<model::ClientMetrics> clients;
  std::optional<model::Registry> registry;
  model::EventCounts events;  // for comparing with what probes saw
};

// How what a runtime counts under a member differs from what the catalogue says of its families: a
// sentence, such as "Requests that were shed are left out."
struct Difference {
  model::Member member;
  std::string_view text;  // lives as long as the program
};

// A process at the time when it is read.
struct Moment {
  std::uint64_t now_ns = 0;  // its CLOCK_MONOTONIC from before the reading; 0: we don't know it
  bool is_running = true;    // neither stopped nor frozen, so that what goes on by itself goes on
};

// Reads one process whose layout it knows. One thread at a time.
class Reader {
 public:
  virtual ~Reader() = default;

  // Reads everything once; the process runs on meanwhile, so single numbers are true, but not all
  // of one instant. Fails when nothing can be read, or when what stands there is not what the
  // layout says.
  virtual base::Result<Readings> read(memory::Memory& memory, Moment moment) = 0;

  // The members of the model that this build's layout has the fields for.
  virtual std::vector<model::Member> members() const = 0;

  // How some of these members differ from what the catalogue says.
  virtual std::vector<Difference> differences() const { return {}; }
};

// Those that are of one of these members.
std::vector<Difference> of_members(std::span<const Difference> differences,
                                   std::span<const model::Member> members);

// The sum of a number over systems: 0 where there is none yet, absent where one is unknown.
model::Count sum_over(const std::vector<model::SystemMetrics>& systems,
                      model::Count model::SystemMetrics::*count);

}  // namespace state
