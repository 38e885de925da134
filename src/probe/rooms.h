// How much the BPF maps hold, by the number of processes that may be watched. Inside this room
// only.
#pragma once

#include <cstdint>

struct bpf_object;

namespace probe {

// Targets' slots, and behind them the exporter's own.
constexpr std::uint32_t slots_for(std::uint32_t max_targets) {
  return max_targets + 1;
}

// Makes the maps of an object that is open and not loaded yet large enough: those with an entry a
// slot have so many; others hold what is usual for a target times the targets, and never less than
// for the usual number of them. Maps that are shared with another object get its size when they
// are. What is of a fixed size (rings, functions' open calls) stays as it is.
void make_room(bpf_object* object, std::uint32_t max_targets);

}  // namespace probe
