// Foreign text for people: on a terminal, where an escape sequence would do harm.
#pragma once

#include <string>
#include <string_view>

namespace expose {

// `text` on one line: valid UTF-8, every control character replaced by U+FFFD, and cut with "..."
// past 400 bytes.
std::string printable(std::string_view text);

}  // namespace expose
