// Text of strangers on one line of ours.
#pragma once

#include <string>
#include <string_view>

namespace base {

// `text` as it may stand in a line for people. Comms, arguments and file names are any bytes: what
// would end the line, steer a terminal or turn the reading direction is written as \n or \x1b or
// \u202e, and bytes that are no UTF-8 as \xff. Everything else stays as it is, backslashes too.
std::string one_line(std::string_view text);

// `text` as what stands between the quotes of a JSON string: valid whatever the bytes are. Those
// that are no UTF-8 become U+FFFD.
std::string json_escaped(std::string_view text);

}  // namespace base
