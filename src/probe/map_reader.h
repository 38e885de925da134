// Reading of a whole BPF map, as a rule in one system call.
#pragma once

#include <bpf/bpf.h>

#include <cerrno>
#include <memory>
#include <utility>
#include <vector>

#include "base/result.h"
#include "probe/programs.h"

namespace probe {

// Gives `visit(key, value)` all entries of the hash map or array of that name, in no order; none
// where no chosen group has it. Key and Value must be the map's own types.
template <typename Key, typename Value, typename Visit>
base::Result<void> visit_map(const Programs& programs, const char* name, Visit visit) {
  const int map_fd = programs.map_fd(name);
  if (map_fd < 0) return {};
  const std::uint32_t max_entries = programs.max_entries(name);
  // Not initialised: the kernel writes what there is, and untouched pages cost nothing.
  const std::unique_ptr<Key[]> keys(new Key[max_entries]);
  const std::unique_ptr<Value[]> values(new Value[max_entries]);
  std::uint32_t position = 0;
  for (bool first = true;; first = false) {
    std::uint32_t count = max_entries;
    const int error = bpf_map_lookup_batch(map_fd, first ? nullptr : &position, &position,
                                           keys.get(), values.get(), &count, nullptr);
    // ENOENT says that the end was reached.
    if (error != 0 && error != -ENOENT) {
      return base::fail("read the BPF map {}: {}", name, base::errno_text(-error));
    }
    for (std::uint32_t i = 0; i < count; ++i) visit(keys[i], values[i]);
    if (error == -ENOENT) return {};
  }
}

// All of them at once.
template <typename Key, typename Value>
base::Result<std::vector<std::pair<Key, Value>>> read_map(const Programs& programs,
                                                          const char* name) {
  std::vector<std::pair<Key, Value>> entries;
  const auto add = [&](const Key& key, const Value& value) { entries.emplace_back(key, value); };
  if (auto visited = visit_map<Key, Value>(programs, name, add); !visited) {
    return base::pass_on(visited);
  }
  return entries;
}

template <typename Key>
std::uint32_t slot_of(const Key& key) {
  return key.slot;
}
inline std::uint32_t slot_of(std::uint32_t slot) {
  return slot;
}

// Those of each target by its slot, so that nobody looks through those of all others.
template <typename Key, typename Value>
base::Result<std::vector<std::vector<std::pair<Key, Value>>>> read_map_by_slot(
    const Programs& programs, const char* name) {
  std::vector<std::vector<std::pair<Key, Value>>> slots(programs.max_targets());
  const auto add = [&](const Key& key, const Value& value) {
    if (slot_of(key) < slots.size()) slots[slot_of(key)].emplace_back(key, value);
  };
  if (auto visited = visit_map<Key, Value>(programs, name, add); !visited) {
    return base::pass_on(visited);
  }
  return slots;
}

}  // namespace probe
