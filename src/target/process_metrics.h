// A process as the kernel sees it from outside.
#pragma once

#include <string>

#include "model/snapshot.h"
#include "target/run_state.h"

namespace target {

// Reads CPU time, memory, threads, descriptors, age and state from /proc; not when it started,
// which is for the caller to have kept. What can't be read is absent; of a process that has ended,
// everything. Needs no privilege from Linux 6.2 on; before, the descriptors of another user's
// process are seen by CAP_SYS_PTRACE only.
model::ProcessMetrics read_process_metrics(const std::string& proc_root, int pid,
                                           const std::string& cgroup_root = kCgroupRoot);

// When a process started, in nanoseconds since 1970, by what the machine's clock says now. The
// kernel keeps that in ticks since the machine started, and works out when that was from the clock
// as it is set. So a step of the clock (NTP some time after boot, a virtual machine that was
// asleep) moves this, though the process runs on: ask once for each process that is told of, and
// keep the answer for as long as it is. If the clock was wrong then, the answer stays wrong: alerts
// and scrapers take a start that moves for a restart, which is worse. Who starts after the step is
// told rightly, so nothing is kept for all processes together.
model::Count read_start_unix_ns(const std::string& proc_root, int pid);

}  // namespace target
