#include "terminal/line.h"

#include <algorithm>

#include "terminal/cells.h"

namespace terminal {
namespace {

// The 16 colours, which every terminal has and its user has chosen.
const char* sequence_of(Tone tone) {
  switch (tone) {
    case Tone::kPlain:
      return "";
    case Tone::kTitle:
      return "\x1b[1m";
    case Tone::kDim:
      return "\x1b[2m";
    case Tone::kGood:
      return "\x1b[32m";
    case Tone::kWarning:
      return "\x1b[33m";
    case Tone::kCritical:
      return "\x1b[1;31m";
    case Tone::kChosen:
      return "\x1b[7m";
  }
  return "";
}

std::string without_blanks_at_end(std::string text) {
  text.erase(text.find_last_not_of(' ') + 1);
  return text;
}

}  // namespace

std::string write_line(const Line& line, std::size_t columns, Colours colours) {
  std::string written;
  for (const Span& span : line) {
    const std::string text = cut(span.text, columns);
    columns -= std::min(columns, width(text));
    const std::string sequence = colours == Colours::kAnsi ? sequence_of(span.tone) : "";
    written += sequence.empty() ? text : sequence + text + "\x1b[0m";
  }
  return colours == Colours::kNone ? without_blanks_at_end(std::move(written)) : written;
}

std::string write_lines(const Lines& lines, std::size_t columns, Colours colours) {
  std::string written;
  for (const Line& line : lines) written += write_line(line, columns, colours) + '\n';
  return written;
}

}  // namespace terminal
