// What a process may claim where places are short.
#pragma once

#include <cstdint>
#include <string>

#include "target/process.h"
#include "target/selection.h"
#include "watch/places.h"

namespace watch {

// By who started it, and whether the operator has named its unit. The name of a unit that a user's
// own manager runs, or that stands in a container, is no matter of the operator's. `order` is the
// claim's (places.h).
Claim claim_of(const std::string& proc_root, const target::Selection& selection,
               const target::Process& process, std::uint64_t order);

}  // namespace watch
