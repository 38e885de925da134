// Whether attached probes really stand in the process.
#pragma once

#include <cstdint>
#include <span>

#include "memory/memory.h"
#include "probe/attachment.h"
#include "probe/site.h"

namespace watch {

// What there is to look at. A semaphore that was raised and is lowered later is another affair: the
// runtime's own counts show what its probe misses then.
enum class Look { kBreakpointsAndSemaphores, kBreakpoints };

// The probes of which some site has no breakpoint, or whose semaphore is not raised: the process
// runs a copy of its code (on huge pages, say), where the kernel has put none. They would tell
// nothing, for ever. `load_bias` is what has to be added to addresses. None, where the memory can't
// be read at all: then it is not known.
probe::ProbeSet find_unplanted(memory::Memory& memory, std::uint64_t load_bias,
                               std::span<const probe::Site> sites, Look look);

}  // namespace watch
