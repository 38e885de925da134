// The registry of a public runtime: its HTTP servers, and what applications registered.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "memory/memory.h"
#include "state/field_reader.h"
#include "state/readings.h"
#include "state/runtimes/metric_registry.h"
#include "state/runtimes/registry_servers.h"
#include "state/runtimes/server_totals.h"
#include "state/runtimes/text_cache.h"

namespace state {

// How a runtime keeps it. Lives as long as the program.
struct RegistryShape {
  MetricArrayPaths counters;
  MetricArrayPaths gauges;
  MetricArrayPaths histograms;
  RegisteredValuePaths values;
  // Inclusive upper bounds of http_request_duration_seconds.
  std::span<const std::uint64_t> http_bounds_ns;
  // A label that series of servers have besides server, port and protocol; empty: none.
  std::string_view server_label;
  // Whether the runtime itself registers this name, and keeps it elsewhere better, or wrongly here.
  bool (*is_own)(std::string_view name);
};

// Every path that a registry of this shape is read by.
void append_paths(std::vector<std::string>& paths, const RegistryShape& shape);

// Knows which series are the servers'; all others but the runtime's own are passed on. One thread
// at a time.
class RuntimeRegistry {
 public:
  RuntimeRegistry(const RegistryShape& shape, const FieldReader& fields);

  // Sets the servers and the registry of `readings` by what `fields` has read; texts are read here.
  // Fails when memory can't be read, or when what stands there is no registry.
  base::Result<void> read(memory::Memory& memory, const FieldReader& fields, Readings& readings);

  void append_members(std::vector<model::Member>& members) const;

 private:
  // The servers with all of their requests: those of no class stand under status "other".
  base::Result<std::vector<model::ServerMetrics>> with_rest(
      std::vector<RegisteredServer> registered, memory::Memory& memory,
      const FieldReader& fields) const;
  std::optional<model::Histogram> http_duration(const FieldReader& fields, std::size_t index) const;

  const RegistryShape& shape_;
  MetricArray counters_;
  MetricArray gauges_;
  MetricArray histograms_;
  RegisteredValues values_;
  TextCache texts_;
  ServerTotals totals_;
};

}  // namespace state
