// Text in the cells of a terminal.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace terminal {

// `text`, which may be a stranger's, such that it does nothing to the terminal and every character
// has a known width: control characters, and characters that are invisible, combine, change the
// direction, or whose width terminals disagree about, become U+FFFD.
std::string safe(std::string_view text);

// Cells that text which is safe takes.
std::size_t width(std::string_view safe_text);

// safe(text), no wider than `cells`: what is cut off becomes "~".
std::string cut(std::string_view text, std::size_t cells);

enum class Side { kNone, kLeft, kRight };  // where the text stands; none: it is not filled up

// cut(text), filled up with blanks to exactly `cells`.
std::string fit(std::string_view text, std::size_t cells, Side side = Side::kLeft);

}  // namespace terminal
