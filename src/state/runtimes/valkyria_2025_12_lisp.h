// The Lisp functions of the runtime of December 2025, whose evaluator calls itself: each Lisp call
// is one of valk_lval_eval_call, and what it is given stands in the frame that calls.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "elf/call_sites.h"
#include "elf/debug_information.h"
#include "state/layout.h"
#include "state/lisp_functions.h"

namespace state {

std::vector<std::string> valkyria_2025_12_lisp_paths();

std::vector<elf::CallSite> find_valkyria_2025_12_calls(const elf::DebugInformation& information);

// Null: this build lacks one of the paths, or nothing tells of its calls.
std::unique_ptr<LispFunctions> open_valkyria_2025_12_lisp_functions(const Layout& layout,
                                                                    std::uint64_t load_bias);

}  // namespace state
