#include "probe/rooms.h"

#include <bpf/libbpf.h>
#include <valkyria/abi/limits.h>

#include <algorithm>
#include <array>

namespace probe {
namespace {

// A map's entries: so many at any rate, so many more for each target, and for each slot.
struct Room {
  const char* map;
  std::uint32_t always;
  std::uint32_t a_target;
  std::uint32_t a_slot;
};

constexpr std::array kRooms{
    Room{"targets", 0, 0, 1},
    Room{"counters", 0, 0, 1},
    Room{"pauses", 0, 0, 1},
    Room{"gc_places", 0, 0, 1},
    Room{"evals", 0, 0, 1},
    Room{"sampled", 0, 0, 1},
    Room{"gc_heaps", 0, VALK_HEAPS_A_TARGET, 0},
    Room{"gc_calls", 0, VALK_GC_CALLS_A_TARGET, 0},
    Room{"http_servers", 0, VALK_ENDPOINTS_A_TARGET, 1},
    Room{"connections", 0, VALK_ENDPOINTS_A_TARGET, 1},
    Room{"loops", 0, VALK_ENDPOINTS_A_TARGET, 1},
    Room{"endpoint_names", 0, VALK_ENDPOINT_NAMES_A_TARGET, 0},
    Room{"open_evals", 0, VALK_EVAL_CONTEXTS_A_TARGET, 0},
    Room{"clients", 0, VALK_CLIENTS_A_TARGET, 1},
    Room{"client_names", 0, VALK_CLIENTS_A_TARGET, 0},
    Room{"functions", VALK_MAX_FUNCTIONS, 0, 1},
};

}  // namespace

void make_room(bpf_object* object, std::uint32_t max_targets) {
  const std::uint32_t targets = std::max<std::uint32_t>(max_targets, VALK_USUAL_TARGETS);
  for (const Room& room : kRooms) {
    bpf_map* const map = bpf_object__find_map_by_name(object, room.map);
    if (map == nullptr) continue;
    // Fails for a loaded object alone.
    bpf_map__set_max_entries(
        map, room.always + room.a_target * targets + room.a_slot * slots_for(max_targets));
  }
}

}  // namespace probe
