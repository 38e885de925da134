// What is UTF-8.
#pragma once

#include <cstddef>
#include <string_view>

namespace base {

// The length in bytes of the valid UTF-8 sequence that `text` begins with (utf8.h says what is
// valid); 0: it begins with none, or with NUL, or is empty.
std::size_t utf8_length(std::string_view text);

}  // namespace base
