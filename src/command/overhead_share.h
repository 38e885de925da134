// The value of --overhead.max.
#pragma once

#include <optional>
#include <string_view>

#include "base/result.h"

namespace command {

// Parses "1%" and "0.5 %" as parts of a hundred, "0.01" as a share of 1; more than 0, at most all.
// "off": no limit.
base::Result<std::optional<double>> parse_overhead_share(std::string_view text);

}  // namespace command
