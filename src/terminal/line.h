// Lines of a page, before anybody has coloured them.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace terminal {

enum class Tone { kPlain, kTitle, kDim, kGood, kWarning, kCritical, kChosen };

struct Span {
  std::string text;  // safe (cells.h)
  Tone tone = Tone::kPlain;
};

using Line = std::vector<Span>;
using Lines = std::vector<Line>;

enum class Colours { kNone, kAnsi };

// The line, cut to `columns`.
std::string write_line(const Line& line, std::size_t columns, Colours colours);

// Each with its end.
std::string write_lines(const Lines& lines, std::size_t columns, Colours colours);

}  // namespace terminal
