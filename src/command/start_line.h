// What the log says when serving begins.
#pragma once

#include <string>
#include <vector>

#include "target/selection.h"

namespace command {

// The one line by which it is known what runs here, whom it watches and where it answers. `urls`
// are of the metrics, at least one.
std::string start_line(const target::Selection& selection, const std::vector<std::string>& urls);

}  // namespace command
