// Texts of a target are any bytes; every output of ours is UTF-8.
#pragma once

#include <string>
#include <string_view>

namespace base {

// `text` with every byte that is not part of a valid UTF-8 sequence (RFC 3629: no surrogates, no
// overlong forms, nothing above U+10FFFF) replaced by U+FFFD. NUL is replaced too: Prometheus takes
// it for the end of the input. Different texts can become equal.
std::string valid_utf8(std::string_view text);

// The same in place; costs next to nothing where `text` is plain ASCII, as it nearly always is.
void make_valid_utf8(std::string& text);

}  // namespace base
