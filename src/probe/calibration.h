// What a hit of a probe costs on this machine.
#pragma once

#include <cstdint>
#include <stop_token>

#include "base/result.h"
#include "probe/programs.h"

namespace probe {

// The CPU time, in nanoseconds, that a hit takes from a busy process: the trap, the dispatch and
// the handler of request__end, whose caches the process has filled with its own work. Medians of
// some hundred hits of a site of our own, next to the same code with nobody attached.
//
// Uses at most 50 ms of CPU on the calling thread, which must be allowed to attach, and waits 0.1 s
// for the kernel at the end. Nothing is left behind: the hits are those of our own slot, and no
// other process has a breakpoint for it. Where group http is not loaded, the price lacks its
// handler: a sixth.
//
// One at a time in a process. Asked to stop, fails within a hit and that wait.
base::Result<std::uint64_t> measure_hit_cost(const Programs& programs,
                                             const std::stop_token& stop = {});

}  // namespace probe
