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
  for (std::size_t slot = 0; slot < VALK_MAX_TARGETS; ++slot) {
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

// Whether every collection so far has stopped all threads, as far as probes tell of them.
bool always_stops_world(const std::vector<std::pair<std::uint32_t, valk_pauses>>& pauses,
                        std::uint32_t slot, const ProbeSet& attached) {
  if (!attached.test(VALK_PROBE_GC_BEGIN) || !attached.test(VALK_PROBE_GC_END)) return false;
  return std::none_of(pauses.begin(), pauses.end(), [&](const auto& entry) {
    return entry.first == slot && entry.second.concurrent > 0;
  });
}

}  // namespace

// The statistics first, the names after them: whatever says "named" has its names in there.
Result<std::vector<Readings>> read_slots(const Programs& programs,
                                         const AttachedBySlot& attached_by_slot) {
  std::optional<base::Error> failed;
  const auto read = [&]<typename Entries>(Entries entries) {
    if (!entries) failed = entries.error();
    return entries ? std::move(*entries) : typename Entries::value_type();
  };
  const auto heaps = read(
      read_map<valk_gc_heap_key, valk_gc_heap>(programs.map_fd("gc_heaps"), VALK_MAX_GC_HEAPS));
  const auto servers = read(read_map<valk_endpoint, valk_http_server>(
      programs.map_fd("http_servers"), VALK_ENDPOINT_ENTRIES));
  const auto connections = read(read_map<valk_endpoint, valk_connections>(
      programs.map_fd("connections"), VALK_ENDPOINT_ENTRIES));
  const auto loops =
      read(read_map<valk_endpoint, valk_loop>(programs.map_fd("loops"), VALK_ENDPOINT_ENTRIES));
  const auto evals =
      read(read_map<std::uint32_t, valk_evals>(programs.map_fd("evals"), VALK_MAX_TARGETS));
  const auto clients =
      read(read_map<valk_client_key, valk_client>(programs.map_fd("clients"), VALK_CLIENT_ENTRIES));
  const auto functions = read(read_map<valk_function_key, valk_function>(
      programs.map_fd("functions"), VALK_FUNCTION_ENTRIES));
  const auto pauses =
      read(read_map<std::uint32_t, valk_pauses>(programs.map_fd("pauses"), VALK_SLOTS));
  const EndpointNames endpoint_names(read(read_map<valk_endpoint, valk_endpoint_names>(
      programs.map_fd("endpoint_names"), VALK_MAX_ENDPOINT_NAMES)));
  const auto client_names = read(read_map<valk_client_key, valk_client_names>(
      programs.map_fd("client_names"), VALK_MAX_CLIENTS));
  if (failed) return tl::unexpected<base::Error>(*failed);

  std::vector<Readings> slots(VALK_MAX_TARGETS);
  for (std::uint32_t slot = 0; slot < slots.size(); ++slot) {
    const ProbeSet& attached = attached_by_slot[slot].probes;
    if (attached.none()) continue;
    slots[slot].gc = gc_metrics(heaps, slot, attached);
    const bool stops_world = always_stops_world(pauses, slot, attached);
    slots[slot].servers = server_metrics(servers, endpoint_names, slot, attached, stops_world);
    slots[slot].systems =
        system_metrics({servers, connections, loops}, endpoint_names, slot, attached);
    slots[slot].evals = eval_metrics(evals, servers, slot, attached_by_slot[slot]);
    slots[slot].clients = client_metrics(clients, client_names, slot, attached);
    slots[slot].functions = function_metrics(functions, slot);
    slots[slot].untouched_system = untouched_system(attached_by_slot[slot]);
    slots[slot].untouched_server = untouched_server(attached_by_slot[slot], stops_world);
    slots[slot].untouched_client = untouched_client(attached);
    slots[slot].events =
        event_counts(programs, connections, slot, attached_by_slot[slot], slots[slot].gc);
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
