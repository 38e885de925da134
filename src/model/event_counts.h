// Events that both the runtime and our probes count.
#pragma once

#include "model/snapshot.h"

namespace model {

struct EventCounts {
  Count gc_cycles;
  Count requests;
  Count connections;
};

}  // namespace model
