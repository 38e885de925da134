// The tables of a process's page.
#pragma once

#include <deque>
#include <string>

#include "terminal/pauses.h"
#include "terminal/table.h"
#include "terminal/view.h"

namespace terminal {

// Newest first. `reason` says why there are none to be known, where that is so.
Table pause_table(const std::deque<Pause>& pauses, const std::string& process,
                  const std::string& reason);
Table system_table(const TargetView& view);
Table server_table(const TargetView& view);
Table client_table(const TargetView& view);

}  // namespace terminal
