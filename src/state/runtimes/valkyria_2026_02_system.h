// One AIO system of the runtime of February 2026. For valkyria_2026_02.cpp alone.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "memory/memory.h"
#include "model/snapshot.h"
#include "state/field_reader.h"
#include "state/readings.h"
#include "state/runtimes/number_table.h"
#include "state/runtimes/valkyria.h"

namespace state::valkyria_2026_02 {

// The part of the layout that is read for one system, at subsystem 0. Empty where it claims far
// more memory than a system has.
Layout layout_of_system(const Layout& layout);

// The rest of it.
Layout layout_of_runtime(const Layout& layout);

struct SystemReading {
  // It gives up its pools at some moment now, so they are left out, and its connections.
  bool stops = false;
  model::SystemMetrics metrics;
};

// Reads the system that is one of the subsystems. One thread at a time.
class AioSystem {
 public:
  // `distance`: from subsystem 0 to this one, in bytes. `layout` is layout_of_system().
  AioSystem(Layout layout, std::uint64_t distance, std::uint64_t load_bias);

  // `address` is where the subsystem was found to be. `runtime_ends`: loops are given up, too.
  // None: meanwhile it is another system. Fails when memory can't be read.
  base::Result<std::optional<SystemReading>> read(memory::Memory& memory, std::uint64_t address,
                                                  bool runtime_ends, Moment moment);

  void append_members(std::vector<model::Member>& members) const;

 private:
  model::Count number(const char* path) const { return fields_.number(fields_.find(path)); }

  FieldReader fields_;
  NumberTable<model::SystemMetrics> shared_;
  NumberTable<model::SystemMetrics> pools_;
  valkyria::SystemParts parts_;
  std::uint64_t address_ = 0;  // of the system whose loop `parts_` has followed
};

// Makes one system of those that have the same name (valkyria_2026_02.h).
std::vector<model::SystemMetrics> merge_by_name(const std::vector<SystemReading>& readings);

}  // namespace state::valkyria_2026_02
