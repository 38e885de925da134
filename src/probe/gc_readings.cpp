#include "probe/gc_readings.h"

#include <algorithm>

#include "base/clock.h"
#include "probe/buckets.h"

namespace probe {
namespace {

// The sum of a slot's heaps, in the map's own shape.
valk_gc_heap sum_heaps(const HeapEntries& heaps, std::uint32_t slot) {
  valk_gc_heap sum{};
  for (const auto& [key, heap] : heaps) {
    if (key.slot != slot) continue;
    sum.cycles += heap.cycles;
    sum.reclaimed_bytes += heap.reclaimed_bytes;
    sum.pause_max_ns = std::max(sum.pause_max_ns, heap.pause_max_ns);
    sum.pause_sum_ns += heap.pause_sum_ns;
    sum.safepoint_sum_ns += heap.safepoint_sum_ns;
    sum.ended_ns = std::max(sum.ended_ns, heap.ended_ns);
    sum.live_bytes += heap.live_bytes;
    sum.is_live_told |= heap.is_live_told;
    sum.total_bytes += heap.total_bytes;
    sum.trigger_bytes += heap.trigger_bytes;
    add_buckets(sum.pause, heap.pause);
    add_buckets(sum.safepoint, heap.safepoint);
  }
  return sum;
}

}  // namespace

model::GcMetrics gc_metrics(const HeapEntries& heaps, std::uint32_t slot,
                            const ProbeSet& attached) {
  const valk_gc_heap sum = sum_heaps(heaps, slot);
  model::GcMetrics gc;
  if (attached.test(VALK_PROBE_GC_END)) {
    gc.cycles = sum.cycles;
    gc.reclaimed_bytes = sum.reclaimed_bytes;
    if (sum.ended_ns > 0) gc.last_collection_unix_ns = base::unix_ns_of(sum.ended_ns);
    // Told with a collection, and not at all by function probes.
    if (sum.is_live_told != 0) gc.heap_live_bytes = sum.live_bytes;
    if (sum.total_bytes > 0) gc.heap_total_bytes = sum.total_bytes;
    if (sum.trigger_bytes > 0) gc.trigger_bytes = sum.trigger_bytes;
  }
  if (attached.test(VALK_PROBE_GC_BEGIN) && attached.test(VALK_PROBE_GC_END)) {
    gc.pause_ns = to_histogram(sum.pause, sum.pause_sum_ns);
    gc.pause_ns_total = sum.pause_sum_ns;
    if (gc.pause_ns->count() > 0) gc.pause_ns_max = sum.pause_max_ns;
  }
  if (attached.test(VALK_PROBE_GC_REQUEST) && attached.test(VALK_PROBE_GC_BEGIN)) {
    gc.time_to_safepoint_ns = to_histogram(sum.safepoint, sum.safepoint_sum_ns);
  }
  return gc;
}

}  // namespace probe
