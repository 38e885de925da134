#include "base/utf8.h"

#include <algorithm>
#include <cstddef>

#include "base/utf8_length.h"

namespace base {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";

unsigned byte_at(std::string_view text, std::size_t index) {
  return index < text.size() ? static_cast<unsigned char>(text[index]) : 0U;
}

bool in(unsigned byte, unsigned first, unsigned last) {
  return byte >= first && byte <= last;
}

}  // namespace

// Table 3-7 of Unicode.
std::size_t utf8_length(std::string_view text) {
  const unsigned lead = byte_at(text, 0);
  if (in(lead, 0x01, 0x7F)) return 1;
  const unsigned second = byte_at(text, 1);
  if (in(lead, 0xC2, 0xDF)) return in(second, 0x80, 0xBF) ? 2 : 0;
  const bool third_fits = in(byte_at(text, 2), 0x80, 0xBF);
  if (in(lead, 0xE0, 0xEF)) {
    const unsigned lowest = lead == 0xE0 ? 0xA0 : 0x80;   // overlong forms below
    const unsigned highest = lead == 0xED ? 0x9F : 0xBF;  // surrogates above
    return in(second, lowest, highest) && third_fits ? 3 : 0;
  }
  if (in(lead, 0xF0, 0xF4)) {
    const unsigned lowest = lead == 0xF0 ? 0x90 : 0x80;
    const unsigned highest = lead == 0xF4 ? 0x8F : 0xBF;  // U+10FFFF is the last
    return in(second, lowest, highest) && third_fits && in(byte_at(text, 3), 0x80, 0xBF) ? 4 : 0;
  }
  return 0;
}

std::string valid_utf8(std::string_view text) {
  std::string valid;
  valid.reserve(text.size());
  while (!text.empty()) {
    const std::size_t length = utf8_length(text);
    valid += length == 0 ? kReplacement : text.substr(0, length);
    text.remove_prefix(length == 0 ? 1 : length);
  }
  return valid;
}

void make_valid_utf8(std::string& text) {
  const bool plain = std::all_of(text.begin(), text.end(), [](char c) {
    return in(static_cast<unsigned char>(c), 0x01, 0x7F);
  });
  if (!plain) text = valid_utf8(text);
}

}  // namespace base
