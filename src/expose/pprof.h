// A profile in pprof's format, which `go tool pprof` and profile stores read.
#pragma once

#include <optional>
#include <string>

#include "model/profile.h"

namespace expose {

// A gzipped message `perftools.profiles.Profile`. Each sample has the labels thread, tid and
// gc_phase ("outside", "paused", "collecting"). Lisp functions are functions of the name "λ name".
// What a reader should know stands in comments. None where there is no memory to compress it.
std::optional<std::string> write_pprof(const model::Profile& profile);

}  // namespace expose
