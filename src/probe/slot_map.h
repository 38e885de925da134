// What is done with a map when a slot begins and ends, by the map's types. Inside this room only.
#pragma once

#include <bpf/bpf.h>

#include <cerrno>
#include <cstdint>
#include <memory>

#include "probe/groups.h"

namespace probe {

// Deletes a hash map's entries whose key belongs to a slot. Deleting the current key would restart
// the walk, so the next one is fetched first.
template <typename Key>
void delete_slot(int map_fd, std::uint32_t slot) {
  Key key{};
  Key next{};
  bool more = bpf_map_get_next_key(map_fd, nullptr, &next) == 0;
  while (more) {
    key = next;
    more = bpf_map_get_next_key(map_fd, &key, &next) == 0;
    if (key.slot == slot) bpf_map_delete_elem(map_fd, &key);
  }
}

// For an array whose index is the slot.
template <typename Value>
void zero_slot(int map_fd, std::uint32_t slot) {
  const Value zero{};
  bpf_map_update_elem(map_fd, &slot, &zero, BPF_ANY);
}

// `other_key(slot)` makes the key under which is counted what is past the limit.
template <typename Value, auto other_key>
base::Result<void> make_other(int map_fd, std::uint32_t slot) {
  const auto key = other_key(slot);
  const auto zero = std::make_unique<Value>();
  if (bpf_map_update_elem(map_fd, &key, zero.get(), BPF_ANY) == 0) return {};
  return base::fail("make room in a BPF map for target slot {}: {}", slot, base::errno_text(errno));
}

}  // namespace probe
