// The Lisp functions of the runtime of February 2026, whose evaluator has a stack of its own: its
// frames point into the text of the functions.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "state/layout.h"
#include "state/lisp_functions.h"

namespace state {

std::vector<std::string> valkyria_2026_02_lisp_paths();

// Null: this build lacks one of them.
std::unique_ptr<LispFunctions> open_valkyria_2026_02_lisp_functions(const Layout& layout,
                                                                    std::uint64_t load_bias);

}  // namespace state
