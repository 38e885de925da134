// What profiling costs the runtime, and us.
#pragma once

#include <cstddef>

namespace bench {

// The CPU time of a script while an exporter profiles it, in units of its time while the same
// exporter only watches: median and 95 % interval over the pairs.
struct TargetCost {
  double ratio = 0;
  double lower = 0;
  double upper = 0;
  std::size_t pairs = 0;
};

// At least 11 pairs, until the interval reaches less than 0.5 % to each side, or `max_pairs`.
TargetCost measure_target(int hz, std::size_t max_pairs);

// What an exporter and the process that unwinds for it use while somebody computes on one CPU.
struct ExporterCost {
  double cpu_share = 0;     // of one CPU, both together, beyond what it uses without profiling
  double resident_mib = 0;  // of the exporter
  double helper_mib = 0;    // of the process that unwinds
};

// Over so many seconds. `hz` 0: in continuous mode.
ExporterCost measure_exporter(int hz, int seconds);

}  // namespace bench
