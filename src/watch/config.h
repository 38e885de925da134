// Who is watched, and by what.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "layout/layouts.h"
#include "probe/contract.h"
#include "target/selection.h"

namespace watch {

struct Config {
  target::Selection selection;
  std::vector<probe::Group> groups;
  layout::Config layouts;
  std::string version;
  // What probes may cost a process, of its CPU time (budget.h). None: whatever it is.
  std::optional<double> max_overhead = 0.01;
  std::string proc_root = "/proc";
};

}  // namespace watch
