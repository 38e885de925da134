// A profile as folded stacks: a line a stack, as flame graph tools read it.
#pragma once

#include <string>

#include "model/profile.h"

namespace expose {

enum class ThreadFrame { kNone, kFirst };

// "main;λ fib;valk_lenv_get 274", the outermost frame first, lines in the order of bytes. With
// kFirst each begins with its thread. What the format has a meaning for (';', an end of line) is
// replaced in names.
std::string write_folded(const model::Profile& profile, ThreadFrame threads);

}  // namespace expose
