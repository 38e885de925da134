// What reading a process's memory costs, and how soon there are values.
#pragma once

#include <cstddef>
#include <cstdint>

#include "bench_support/spread.h"

namespace bench {

struct ReadingCost {
  std::size_t values = 0;  // that one reading brings
  double calls = 0;        // system calls of a reading
  Spread reading_ns;       // copying, and everything out of the copy
  Spread first_warm_ns;    // from the executable to the first values, the layout in the cache
  Spread first_cold_ns;    // the same, the layout still in the debug information
};

ReadingCost measure_reading(int readings);

}  // namespace bench
