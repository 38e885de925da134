// Reading of a whole BPF map, as a rule in one system call.
#pragma once

#include <bpf/bpf.h>

#include <cerrno>
#include <memory>
#include <utility>
#include <vector>

#include "base/result.h"

namespace probe {

// All entries of the hash map or array `map_fd`, in no order; none for map_fd < 0 (a group that is
// not loaded). Key and Value must be the map's own types.
template <typename Key, typename Value>
base::Result<std::vector<std::pair<Key, Value>>> read_map(int map_fd, std::uint32_t max_entries) {
  std::vector<std::pair<Key, Value>> entries;
  if (map_fd < 0) return entries;
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
      return base::fail("read a BPF map: {}", base::errno_text(-error));
    }
    for (std::uint32_t i = 0; i < count; ++i) entries.emplace_back(keys[i], values[i]);
    if (error == -ENOENT) return entries;
  }
}

}  // namespace probe
