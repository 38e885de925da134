// The registry of the runtime of December 2025: its HTTP servers, and what applications registered.
#pragma once

#include <string_view>
#include <vector>

#include "base/result.h"
#include "memory/memory.h"
#include "state/field_reader.h"
#include "state/metric_registry.h"
#include "state/readings.h"
#include "state/text_cache.h"

namespace state::valkyria_2025_12 {

// Knows which series are the servers'; all others are passed on. One thread at a time.
class Registry {
 public:
  explicit Registry(const FieldReader& fields);

  // Sets the servers and the registry of `readings` by what `fields` has read; texts are read here.
  // Fails when memory can't be read, or when what stands there is no registry.
  base::Result<void> read(memory::Memory& memory, const FieldReader& fields, Readings& readings);

  void append_families(std::vector<std::string_view>& families) const;

 private:
  MetricArray counters_;
  MetricArray gauges_;
  MetricArray histograms_;
  RegisteredValues values_;
  TextCache texts_;
};

}  // namespace state::valkyria_2025_12
