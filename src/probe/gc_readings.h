// Group gc: map entries to metrics.
#pragma once

#include <valkyria/abi/gc.h>

#include <cstdint>
#include <utility>
#include <vector>

#include "model/snapshot.h"
#include "probe/attachment.h"

namespace probe {

using HeapEntries = std::vector<std::pair<valk_gc_heap_key, valk_gc_heap>>;

// Sums over the heaps of one slot. What needs a probe that is not attached is absent.
model::GcMetrics gc_metrics(const HeapEntries& heaps, std::uint32_t slot, const ProbeSet& attached);

}  // namespace probe
