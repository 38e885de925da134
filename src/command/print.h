// Answers of commands.
#pragma once

#include <string>

#include "base/result.h"

namespace command {

// Writes to stdout. Fails where not all of it arrived: an answer that got lost on its way must not
// look like a good one.
base::Result<void> print(const std::string& answer);

}  // namespace command
