// The JSON of /debug/metrics.
#pragma once

#include <string>

#include "model/snapshot.h"

namespace expose {

// What is known about `target`, one of the targets of `snapshot`, in the nesting of the runtime's
// own endpoint (aio_metrics, aio_systems, modular_metrics, vm_metrics), so that a page written for
// the runtime works with it, and what only we know: exporter, process. A number that is not known
// is null, integers are exact, texts become valid UTF-8.
std::string write_json(const model::Snapshot& snapshot, const model::TargetMetrics& target);

}  // namespace expose
