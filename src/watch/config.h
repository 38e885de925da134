// Who is watched, and by what.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "layout/layouts.h"
#include "probe/contract.h"
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
  std::string proc_root = "/proc";
};

}  // namespace watch
