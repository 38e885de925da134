// One snapshot, for scripts.
#pragma once

#include <chrono>

#include "base/result.h"
#include "model/snapshot.h"
#include "watch/config.h"

namespace inspect {

// Without `seconds`, attaches nothing: what is known of the process from outside. With it,
// attaches, waits for that long (or until SIGINT or SIGTERM, which the caller has blocked), reads
// and detaches; it needs the privileges that serving needs then. `config` must select one process.
base::Result<model::Snapshot> take_snapshot(const watch::Config& config,
                                            std::chrono::seconds seconds);

}  // namespace inspect
