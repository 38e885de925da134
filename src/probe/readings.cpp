#include "probe/readings.h"

#include <valkyria/abi/event.h>

#include <algorithm>
#include <numeric>
#include <optional>
#include <utility>

#include "probe/client_readings.h"
#include "probe/endpoint_readings.h"
#include "probe/eval_readings.h"
#include "probe/function_readings.h"
#include "probe/gc_readings.h"
#include "probe/map_reader.h"

namespace probe {
namespace {

using base::Result;

std::string_view name_of(valk_loss loss) {
  switch (loss) {
    case VALK_LOSS_GC_REQUEST_UNSEEN:
      return "gc_request_unseen";
    case VALK_LOSS_GC_BEGIN_UNSEEN:
      return "gc_begin_unseen";
    case VALK_LOSS_GC_END_UNSEEN:
      return "gc_end_unseen";
    case VALK_LOSS_GC_HEAPS_FULL:
      return "gc_heaps_full";
    case VALK_LOSS_ENDPOINTS_FULL:
      return "endpoints_full";
    case VALK_LOSS_NAME_UNREADABLE:
      return "name_unreadable";
    case VALK_LOSS_NAME_TRUNCATED:
      return "name_truncated";
    case VALK_LOSS_DURATION_UNKNOWN:
      return "duration_unknown";
    case VALK_LOSS_STATE_INVALID:
      return "state_invalid";
    case VALK_LOSS_EVAL_BEGIN_UNSEEN:
      return "eval_begin_unseen";
    case VALK_LOSS_EVAL_END_UNSEEN:
      return "eval_end_unseen";
    case VALK_LOSS_EVAL_KIND_INVALID:
      return "eval_kind_invalid";
    case VALK_LOSS_EVAL_CONTEXTS_FULL:
      return "eval_contexts_full";
    case VALK_LOSS_CLIENTS_FULL:
      return "clients_full";
    case VALK_LOSS_FUNCTION_ENTRY_UNSEEN:
      return "function_entry_unseen";
    case VALK_LOSS_FUNCTION_RETURN_UNSEEN:
      return "function_return_unseen";
    case VALK_LOSS_FUNCTION_CALLS_FULL:
      return "function_calls_full";
    case VALK_LOSS_FUNCTIONS_FULL:
      return "functions_full";
    case VALK_LOSS_PROCESS_EVENTS_FULL:
      return "process_events_full";
    case VALK_LOSS_EVENTS_FULL:
      return "events_full";
    case VALK_LOSS_SAMPLES_FULL:
      return "samples_full";
    case VALK_LOSS_ATTACHED_IN_THE_MIDDLE:
      return "attached_in_the_middle";
    case VALK_LOSSES:
      break;
  }
  return "unknown";
}

template <typename Field>
std::uint64_t sum_of_slots(const Programs& programs, const Field& field) {
  std::uint64_t sum = 0;
  for (std::size_t slot = 0; slot < programs.max_targets(); ++slot) {
    sum += __atomic_load_n(field(programs.counters()[slot]), __ATOMIC_RELAXED);
  }
  return sum;
}

std::uint64_t hits_of(const Programs& programs, std::uint32_t slot, valk_probe probe) {
  return __atomic_load_n(&programs.counters()[slot].hits[probe], __ATOMIC_RELAXED);
}

std::uint64_t new_connections(const ConnectionEntries& connections, std::uint32_t slot) {
  std::uint64_t count = 0;
  for (const auto& [key, entry] : connections) {
    if (key.slot != slot) continue;
    const auto& begun = entry.transitions[VALK_STATE_NONE];
    count = std::accumulate(std::begin(begun), std::end(begun), count);
  }
  return count;
}

// Not every call of a function that can collect is a collection, so there the cycles count.
model::EventCounts event_counts(const Programs& programs, const ConnectionEntries& connections,
                                std::uint32_t slot, const Attached& attached,
                                const model::GcMetrics& gc) {
  model::EventCounts events;
  if (attached.probes.test(VALK_PROBE_GC_END)) {
    events.gc_cycles = attached.means == Means::kFunctions
                           ? gc.cycles
                           : hits_of(programs, slot, VALK_PROBE_GC_END);
  }
  if (attached.probes.test(VALK_PROBE_REQUEST_END)) {
    events.requests = hits_of(programs, slot, VALK_PROBE_REQUEST_END);
  }
  if (attached.probes.test(VALK_PROBE_CONNECTION_STATE)) {
    events.connections = new_connections(connections, slot);
  }
  return events;
}

using PauseEntries = std::vector<std::pair<std::uint32_t, valk_pauses>>;

// Whether every collection so far has stopped all threads, as far as probes tell of them.
bool always_stops_world(const PauseEntries& pauses, const ProbeSet& attached) {
  if (!attached.test(VALK_PROBE_GC_BEGIN) || !attached.test(VALK_PROBE_GC_END)) return false;
  return std::none_of(pauses.begin(), pauses.end(),
                      [](const auto& entry) { return entry.second.concurrent > 0; });
}

// What the maps say, by slot.
struct Maps {
  std::vector<HeapEntries> heaps;
  std::vector<ServerEntries> servers;
  std::vector<ConnectionEntries> connections;
  std::vector<LoopEntries> loops;
  std::vector<EvalEntries> evals;
  std::vector<ClientEntries> clients;
  std::vector<FunctionEntries> functions;
  std::vector<PauseEntries> pauses;
  std::vector<ClientNameEntries> client_names;
  NameEntries endpoint_names;  // of all
};

// The statistics first, the names after them: whatever says "named" has its names in there.
Result<Maps> read_maps(const Programs& programs) {
  Maps maps;
  std::optional<base::Error> failed;
  const auto read = [&]<typename Key, typename Value>(
                        std::vector<std::vector<std::pair<Key, Value>>>& slots, const char* name) {
    auto entries = read_map_by_slot<Key, Value>(programs, name);
    if (entries)
      slots = std::move(*entries);
    else
      failed = entries.error();
  };
  read(maps.heaps, "gc_heaps");
  read(maps.servers, "http_servers");
  read(maps.connections, "connections");
  read(maps.loops, "loops");
  read(maps.evals, "evals");
  read(maps.clients, "clients");
  read(maps.functions, "functions");
  read(maps.pauses, "pauses");
  auto endpoint_names = read_map<valk_endpoint, valk_endpoint_names>(programs, "endpoint_names");
  if (!endpoint_names) return pass_on(endpoint_names);
  maps.endpoint_names = std::move(*endpoint_names);
  read(maps.client_names, "client_names");
  if (failed) return tl::unexpected<base::Error>(*failed);
  return maps;
}

}  // namespace

Result<std::vector<Readings>> read_slots(const Programs& programs,
                                         const AttachedBySlot& attached_by_slot) {
  const auto maps = read_maps(programs);
  if (!maps) return pass_on(maps);
  const EndpointNames endpoint_names(maps->endpoint_names);
  std::vector<Readings> slots(programs.max_targets());
  for (std::uint32_t slot = 0; slot < std::min(slots.size(), attached_by_slot.size()); ++slot) {
    const Attached& attached = attached_by_slot[slot];
    const ProbeSet& probes = attached.probes;
    if (probes.none()) continue;
    Readings& read = slots[slot];
    const ServerEntries& servers = maps->servers[slot];
    const ConnectionEntries& connections = maps->connections[slot];
    const bool stops_world = always_stops_world(maps->pauses[slot], probes);
    read.gc = gc_metrics(maps->heaps[slot], slot, probes);
    read.servers = server_metrics(servers, endpoint_names, slot, probes, stops_world);
    read.systems =
        system_metrics({servers, connections, maps->loops[slot]}, endpoint_names, slot, probes);
    read.evals = eval_metrics(maps->evals[slot], servers, slot, attached);
    read.clients = client_metrics(maps->clients[slot], maps->client_names[slot], slot, probes);
    read.functions = function_metrics(maps->functions[slot], slot);
    read.untouched_system = untouched_system(attached);
    read.untouched_server = untouched_server(attached, stops_world);
    read.untouched_client = untouched_client(probes);
    read.events = event_counts(programs, connections, slot, attached, read.gc);
  }
  return slots;
}

Hits read_hits(const Programs& programs, std::uint32_t slot) {
  Hits hits{};
  for (std::size_t probe = 0; probe < hits.size(); ++probe) {
    hits[probe] = hits_of(programs, slot, static_cast<valk_probe>(probe));
  }
  return hits;
}

std::uint64_t hits_of_group(const Hits& hits, Group group) {
  std::uint64_t sum = 0;
  for (const ProbeSpec& spec : contract()) {
    if (spec.group == group && spec.hit_slot) sum += hits.at(*spec.hit_slot);
  }
  return sum;
}

std::vector<model::ProbeStatus> read_probe_status(const Programs& programs,
                                                  const ProbeSet& attached) {
  std::vector<model::ProbeStatus> status;
  for (const ProbeSpec& spec : contract()) {
    model::ProbeStatus probe{std::string(spec.name), false, 0};
    if (spec.hit_slot) {
      probe.attached = attached.test(*spec.hit_slot);
      probe.hits = sum_of_slots(
          programs, [&](const valk_counters& slot) { return &slot.hits[*spec.hit_slot]; });
    }
    status.push_back(std::move(probe));
  }
  return status;
}

std::vector<model::LossCount> read_losses(const Programs& programs) {
  std::vector<model::LossCount> losses;
  for (int cause = 0; cause < VALK_LOSSES; ++cause) {
    losses.push_back(
        {std::string(name_of(static_cast<valk_loss>(cause))),
         sum_of_slots(programs, [&](const valk_counters& slot) { return &slot.lost[cause]; })});
  }
  return losses;
}

}  // namespace probe
