// What a libuv without debug information keeps of its loops.
#pragma once

#include "state/layout.h"

namespace state {

// Whether the layout has the pointer to libuv's own part of a loop, but not what stands behind it:
// libuv was built apart from the runtime, without debug information.
bool lacks_libuv_fields(const Layout& layout);

// Adds these fields as libuv 1.45 and later have them (elf/libuv.h).
void add_libuv_fields(Layout& layout);

}  // namespace state
