// What the BPF maps say, as plain data.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "base/result.h"
#include "model/event_counts.h"
#include "model/snapshot.h"
#include "probe/attachment.h"
#include "probe/programs.h"

namespace probe {

// What was counted for one slot since it was attached. A part whose probe is not attached is
// absent.
struct Readings {
  model::GcMetrics gc;
  std::vector<model::SystemMetrics> systems;
  std::vector<model::ServerMetrics> servers;
  std::vector<model::EvalMetrics> evals;
  std::vector<model::ClientMetrics> clients;
  std::vector<model::FunctionMetrics> functions;
  // What is told of one to which nothing has happened yet: zeros, where its probe is attached.
  model::SystemMetrics untouched_system;
  model::ServerMetrics untouched_server;
  model::ClientMetrics untouched_client;
  model::EventCounts events;  // that fired, whether or not they could be counted where they belong
};

// What is attached for each target, by its slot; nothing for those behind its end.
using AttachedBySlot = std::vector<Attached>;

// Reads every map once. The result has one entry for each target that may be, by its slot; those
// for which nothing is attached are empty. Safe on any thread, while programs count on: single
// numbers are never torn, but not all are of one instant.
base::Result<std::vector<Readings>> read_slots(const Programs& programs,
                                               const AttachedBySlot& attached);

// How often each probe was hit for a slot since the exporter started, by valk_probe.
using Hits = std::array<std::uint64_t, VALK_PROBES>;
Hits read_hits(const Programs& programs, std::uint32_t slot);
std::uint64_t hits_of_group(const Hits& hits, Group group);

// Every probe of the contract, with its hits over all slots.
std::vector<model::ProbeStatus> read_probe_status(const Programs& programs,
                                                  const ProbeSet& attached);

// Every cause of loss there is, over all slots.
std::vector<model::LossCount> read_losses(const Programs& programs);

}  // namespace probe
