// Who is watched, and by what.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "layout/layouts.h"
#include "probe/contract.h"
#include "probe/limits.h"
#include "target/naming.h"
#include "target/selection.h"

namespace watch {

struct ProfileConfig {
  std::uint32_t max_hz = 999;
  std::uint32_t stack_bytes = 64 * 1024;  // that are copied with each sample
  bool is_continuous = false;
};

struct Config {
  target::Selection selection;
  std::vector<probe::Group> groups;
  layout::Config layouts;
  std::string version;
  std::string revision;  // of the source; "unknown" where nobody can tell
  // What probes may cost a process, of its CPU time (budget.h). None: whatever it is.
  std::optional<double> max_overhead = 0.01;
  ProfileConfig profile;
  // What processes are called by; empty: as is usual (target::kDefaultNameFrom).
  std::vector<target::NameSource> name_from;
  // Writes the names down for the next one. Who only looks for a while reads them.
  bool keeps_names = true;
  std::string proc_root = "/proc";
  std::uint32_t max_targets = probe::kUsualTargets;  // 1 to probe::kMostTargets
};

// The one process that is selected, if it is one.
inline const target::OneProcess* one_process(const Config& config) {
  return config.selection.one ? &*config.selection.one : nullptr;
}

}  // namespace watch
