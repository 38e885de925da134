// What the public Valkyria runtimes have alike: names of fields, and how to count what their own
// counters don't tell. `heap`, `system`, `within` and `registry` are literals: paths with the arrow
// or dot behind them.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "memory/memory.h"
#include "model/catalogue.h"
#include "state/field_reader.h"
#include "state/runtimes/connection_list.h"
#include "state/runtimes/libuv.h"
#include "state/runtimes/number_table.h"

namespace state::valkyria {

using model::GcMetrics;
using model::InterpreterMetrics;
using model::SystemMetrics;

inline constexpr std::uint64_t kMicroseconds = 1'000;  // in our nanoseconds

#define VALKYRIA_GC_NUMBERS(heap)                                                                 \
  Number{heap "runtime_metrics.cycles_total", &GcMetrics::cycles},                                \
      Number{heap "runtime_metrics.pause_us_total", &GcMetrics::pause_ns_total, kMicroseconds},   \
      Number{heap "runtime_metrics.pause_us_max", &GcMetrics::pause_ns_max, kMicroseconds},       \
      Number{heap "runtime_metrics.reclaimed_bytes_total", &GcMetrics::reclaimed_bytes}, Number { \
    heap "hard_limit", &GcMetrics::heap_total_bytes                                               \
  }

inline constexpr std::array kInterpreterNumbers{
    Number{"g_eval_metrics.evals_total", &InterpreterMetrics::evals},
    Number{"g_eval_metrics.function_calls", &InterpreterMetrics::function_calls},
    Number{"g_eval_metrics.builtin_calls", &InterpreterMetrics::builtin_calls},
    Number{"g_eval_metrics.stack_depth_max", &InterpreterMetrics::stack_depth_max},
    Number{"g_eval_metrics.closures_created", &InterpreterMetrics::closures_created},
    Number{"g_eval_metrics.env_lookups", &InterpreterMetrics::env_lookups},
};

// A pool: taken = items - free. The runtimes' own counts of what is taken are never written, or
// stale.
struct SlabUse {
  const char* items;
  const char* free;
  model::Count SystemMetrics::*used;
};
#define VALKYRIA_SLAB(slab, used)             \
  SlabUse {                                   \
    slab "->numItems", slab "->numFree", used \
  }

// An AIO system.
struct SystemPaths {
  const char* name;
  LoopPaths loop;
  std::array<SlabUse, 3> slabs;
  ConnectionListPaths connections;
};
#define VALKYRIA_SLABS(system)                                                  \
  {                                                                             \
    VALKYRIA_SLAB(system "handleSlab", &SystemMetrics::handles),                \
        VALKYRIA_SLAB(system "httpStreamArenas", &SystemMetrics::arenas_used),  \
        VALKYRIA_SLAB(system "tcpBufferSlab", &SystemMetrics::tcp_buffers_used) \
  }
// The members of ConnectionListPaths up to `next`.
#define VALKYRIA_HANDLES(path_of_system, within)                                                 \
  .system = (path_of_system), .slab = within "handleSlab",                                       \
  .slab_items = within "handleSlab->numItems", .slab_item_bytes = within "handleSlab->itemSize", \
  .head_next = within "liveHandles.next", .previous = "@valk_aio_handle_t.prev",                 \
  .next = "@valk_aio_handle_t.next"

// One of the registry's arrays, up to the labels.
#define VALKYRIA_METRICS(registry, array, entries)             \
  .count = registry entries, .name = registry array "[].name", \
  .label_count = registry array "[].labels.count",             \
  .label_keys = registry array "[].labels.labels[].key",       \
  .label_values = registry array "[].labels.labels[].value"
#define VALKYRIA_METRIC_VALUES(registry, sum)                                 \
  .counter = registry "counters[].value", .gauge = registry "gauges[].value", \
  .histogram_sum_us = registry "histograms[]." sum,                           \
  .histogram_bound_count = registry "histograms[].bucket_count",              \
  .histogram_bounds = registry "histograms[].bucket_bounds[]",                \
  .histogram_buckets = registry "histograms[].buckets[]"

// Every path of a system.
void append_paths(std::vector<std::string>& paths, const SystemPaths& system);

// How old a thing is that began at so many microseconds of CLOCK_MONOTONIC; 0: it has not begun.
model::Count age_ns(model::Count begun_us, std::uint64_t now_ns);

// The largest heap use, as the runtime tells it and as we have seen it: some runtimes tell less
// than all, and others a moment late. Never falls.
class HeapPeak {
 public:
  model::Count raise(model::Count told_bytes, model::Count used_bytes);

 private:
  std::uint64_t peak_bytes_ = 0;
};

// What a connection's state, as the runtime numbers it, means here.
enum class Phase { kConnecting, kOpen, kClosing, kGone };

// What an AIO system has for itself: its loop, its pools and its connections. One thread at a time.
class SystemParts {
 public:
  // `paths` lives as long as the program.
  SystemParts(const SystemPaths& paths, Phase (*phase_of)(std::uint64_t state),
              const FieldReader& fields, std::uint64_t load_bias);

  std::string name(const FieldReader& fields) const;

  LoopCounters& loop() { return loop_; }

  // By what `fields` has read just now; the connections are read here. Fails when memory can't be
  // read.
  base::Result<void> fill_pools(SystemMetrics& system, memory::Memory& memory,
                                const FieldReader& fields) const;

  void append_members(std::vector<model::Member>& members, const FieldReader& fields) const;

 private:
  base::Result<void> count_connections(SystemMetrics& system, memory::Memory& memory,
                                       const FieldReader& fields) const;

  const SystemPaths& paths_;
  Phase (*phase_of_)(std::uint64_t state);
  LoopCounters loop_;
  ConnectionList connections_;
};

}  // namespace state::valkyria
