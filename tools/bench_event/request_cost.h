// What being watched costs a request.
#pragma once

#include "bench_support/empty_program.h"
#include "bench_support/spread.h"

namespace bench {

// CPU time of the process, in nanoseconds per request.
struct RequestCost {
  Spread unattached;
  Spread added_by_empty;  // by runs next to each other
  Spread added_by_ours;
  Spread ours_above_empty;  // steadier than the difference of the two
  double hits = 0;          // per request with ours
};

// Measured in three minivalks of the same code, each asked on one kept-alive connection: one with
// nothing attached, one with the empty program and one with ours on the probes of all default
// groups; some requests here, some there. They change roles twice in each round, so that each has
// had every role.
RequestCost measure_requests(const EmptyProgram& empty, int rounds);

}  // namespace bench
