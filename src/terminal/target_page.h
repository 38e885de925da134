// The part of the page that is about one process.
#pragma once

#include <cstddef>
#include <deque>
#include <string>

#include "terminal/line.h"
#include "terminal/pauses.h"
#include "terminal/view.h"

namespace terminal {

// `pauses`: of all processes, oldest first. `rows` as in Size (page.h).
Lines write_target(const TargetView& view, const std::deque<Pause>& pauses,
                   const std::string& no_pauses, double unix_seconds, std::size_t columns,
                   std::size_t rows);

// The pauses of one process that are new enough to worry about.
std::deque<Pause> recent(const std::deque<Pause>& pauses, const std::string& process,
                         double unix_seconds);

}  // namespace terminal
