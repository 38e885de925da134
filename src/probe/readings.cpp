#include "probe/readings.h"

#include <valkyria/abi/connection.h>
#include <valkyria/abi/gc.h>
#include <valkyria/abi/http.h>

#include <array>

#include "probe/endpoint_readings.h"
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
    case VALK_LOSSES:
      break;
  }
  return "unknown";
}

template <typename Field>
std::uint64_t sum_of_slots(const Programs& programs, const Field& field) {
  std::uint64_t sum = 0;
  for (std::size_t slot = 0; slot < VALK_SLOTS; ++slot) {
    sum += __atomic_load_n(field(programs.counters()[slot]), __ATOMIC_RELAXED);
  }
  return sum;
}

}  // namespace

Result<std::vector<Readings>> read_slots(const Programs& programs, const ProbeSet& attached) {
  const auto heaps =
      read_map<valk_gc_heap_key, valk_gc_heap>(programs.map_fd("gc_heaps"), VALK_MAX_GC_HEAPS);
  if (!heaps) return tl::make_unexpected(heaps.error());
  const auto servers = read_map<valk_endpoint, valk_http_server>(programs.map_fd("http_servers"),
                                                                 VALK_MAX_ENDPOINTS);
  if (!servers) return tl::make_unexpected(servers.error());
  const auto connections =
      read_map<valk_endpoint, valk_connections>(programs.map_fd("connections"), VALK_MAX_ENDPOINTS);
  if (!connections) return tl::make_unexpected(connections.error());
  // After the statistics: whatever says "named" there is in here.
  const auto names = read_map<valk_endpoint, valk_endpoint_names>(programs.map_fd("endpoint_names"),
                                                                  VALK_MAX_ENDPOINTS);
  if (!names) return tl::make_unexpected(names.error());

  std::vector<Readings> slots(VALK_MAX_TARGETS);
  const EndpointNames endpoint_names(*names);
  for (std::uint32_t slot = 0; slot < slots.size(); ++slot) {
    slots[slot].gc = gc_metrics(*heaps, slot, attached);
    slots[slot].servers = server_metrics(*servers, endpoint_names, slot, attached);
    slots[slot].systems = system_metrics(*servers, *connections, endpoint_names, slot, attached);
  }
  return slots;
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
  const valk_counters& unwatched = programs.counters()[VALK_UNWATCHED_SLOT];
  std::uint64_t unwatched_hits = 0;
  for (const auto& hits : unwatched.hits)
    unwatched_hits += __atomic_load_n(&hits, __ATOMIC_RELAXED);
  losses.push_back({"process_not_watched", unwatched_hits});
  for (int cause = 0; cause < VALK_LOSSES; ++cause) {
    losses.push_back(
        {std::string(name_of(static_cast<valk_loss>(cause))),
         sum_of_slots(programs, [&](const valk_counters& slot) { return &slot.lost[cause]; })});
  }
  return losses;
}

}  // namespace probe
