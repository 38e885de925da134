// Go's durations.
#pragma once

#include <chrono>
#include <optional>
#include <string_view>

namespace webconfig {

// "250ms", "1m30s", "1.5h"; "0" needs no unit. None: it is no such text, negative, or longer than a
// day.
std::optional<std::chrono::nanoseconds> parse_duration(std::string_view text);

}  // namespace webconfig
