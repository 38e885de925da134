// A profile in the JSON that speedscope.app opens.
#pragma once

#include <string>

#include "model/profile.h"

namespace expose {

// One profile of type "sampled" a thread, in nanoseconds of CPU time; the busiest thread first.
// Samples have no order in a model::Profile: their place on the time axis says nothing.
std::string write_speedscope(const model::Profile& profile);

}  // namespace expose
