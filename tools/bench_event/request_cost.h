// What being watched costs a request.
#pragma once

#include "spread.h"

namespace bench {

struct RequestCost {
  Spread unattached_ns;  // CPU time of the process per request
  Spread attached_ns;
  Spread difference_ns;  // of the two in one pair
  double hits = 0;       // per request
};

// Requests on one kept-alive connection to one minivalk, in `pairs` pairs of attached (all default
// groups) and unattached.
RequestCost measure_requests(int pairs, int requests);

}  // namespace bench
