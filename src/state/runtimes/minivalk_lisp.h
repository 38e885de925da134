// The Lisp functions of minivalk: each thread has a chain of frames, which lie in its stack and
// point to the names of the functions that run in them.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "state/layout.h"
#include "state/lisp_functions.h"

namespace state {

std::vector<std::string> minivalk_lisp_paths();

// Null: this build lacks one of them.
std::unique_ptr<LispFunctions> open_minivalk_lisp_functions(const Layout& layout,
                                                            std::uint64_t load_bias);

}  // namespace state
