#include "terminal/cells.h"

#include <algorithm>
#include <cstdint>
#include <utility>

#include "expose/printable.h"

namespace terminal {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";
constexpr char32_t kReplacementPoint = 0xFFFD;

struct Range {
  char32_t first, last;
  std::size_t cells;
};

// Everything else becomes a replacement. Short and safe rather than complete: names are mostly
// ASCII.
constexpr Range kRanges[] = {
    {0x20, 0x7E, 1},      // ASCII
    {0xA0, 0xAC, 1},      // Latin 1, without the soft hyphen
    {0xAE, 0x2FF, 1},     // Latin
    {0x370, 0x482, 1},    // Greek, Cyrillic
    {0x48A, 0x52F, 1},    // Cyrillic
    {0x2010, 0x2027, 1},  // dashes, quotes, ellipsis
    {0x2030, 0x205E, 1},  // punctuation
    {0x20A0, 0x20BF, 1},  // currencies
    {0x2190, 0x21FF, 1},  // arrows
    {0x2500, 0x25FC, 1},  // boxes and blocks
    {0x3041, 0x3096, 2},  // Hiragana
    {0x30A1, 0x30FF, 2},  // Katakana
    {0x3400, 0x4DBF, 2},  // CJK
    {0x4E00, 0x9FFF, 2},  // CJK
    {0xAC00, 0xD7A3, 2},  // Hangul
    {kReplacementPoint, kReplacementPoint, 1},
};

std::size_t cells_of(char32_t point) {
  for (const Range& range : kRanges) {
    if (point >= range.first && point <= range.last) return range.cells;
  }
  return 0;
}

// The first character of what is valid UTF-8 and not empty, and its length.
std::pair<char32_t, std::size_t> first_of(std::string_view text) {
  const auto lead = static_cast<unsigned char>(text.front());
  if (lead < 0x80) return {lead, 1};
  const std::size_t length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  char32_t point = lead & (0x7FU >> length);
  for (std::size_t i = 1; i < std::min(length, text.size()); ++i) {
    point = point << 6U | (static_cast<unsigned char>(text[i]) & 0x3FU);
  }
  return {point, std::min(length, text.size())};
}

}  // namespace

std::string safe(std::string_view text) {
  const std::string line = expose::printable(text);
  std::string result;
  for (std::string_view rest = line; !rest.empty();) {
    const auto [point, length] = first_of(rest);
    result += cells_of(point) > 0 ? rest.substr(0, length) : kReplacement;
    rest.remove_prefix(length);
  }
  return result;
}

std::size_t width(std::string_view safe_text) {
  std::size_t cells = 0;
  for (std::string_view rest = safe_text; !rest.empty();) {
    const auto [point, length] = first_of(rest);
    cells += cells_of(point);
    rest.remove_prefix(length);
  }
  return cells;
}

std::string cut(std::string_view text, std::size_t cells) {
  std::string whole = safe(text);
  if (width(whole) <= cells) return whole;
  if (cells == 0) return {};
  std::size_t taken = 0;
  std::size_t bytes = 0;
  while (true) {
    const auto [point, length] = first_of(std::string_view(whole).substr(bytes));
    if (taken + cells_of(point) > cells - 1) break;
    taken += cells_of(point);
    bytes += length;
  }
  return whole.substr(0, bytes) + "~";
}

std::string fit(std::string_view text, std::size_t cells, Side side) {
  std::string result = cut(text, cells);
  const std::string blanks(side == Side::kNone ? 0 : cells - std::min(cells, width(result)), ' ');
  return side == Side::kRight ? blanks + result : result + blanks;
}

}  // namespace terminal
