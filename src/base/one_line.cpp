#include "base/one_line.h"

#include <fmt/format.h>

#include <iterator>

#include "base/utf8.h"
#include "base/utf8_length.h"

namespace base {
namespace {

constexpr unsigned kDelete = 0x7F;
constexpr unsigned kLastC1 =
    0x9F;  // U+0080 to U+009F: terminals may take them for escape sequences

unsigned byte_of(char c) {
  return static_cast<unsigned char>(c);
}

constexpr unsigned kHigher = 0x10000;

// The code point of a valid sequence; of those from U+10000 on, none of which means anything to us,
// the first.
unsigned code_point_of(std::string_view sequence) {
  switch (sequence.size()) {
    case 1:
      return byte_of(sequence[0]);
    case 2:
      return (byte_of(sequence[0]) & 0x1FU) << 6U | (byte_of(sequence[1]) & 0x3FU);
    case 3:
      return (byte_of(sequence[0]) & 0x0FU) << 12U | (byte_of(sequence[1]) & 0x3FU) << 6U |
             (byte_of(sequence[2]) & 0x3FU);
    default:
      return kHigher;
  }
}

bool in(unsigned code, unsigned first, unsigned last) {
  return code >= first && code <= last;
}

bool is_control(unsigned code) {
  return code < 0x20 || in(code, kDelete, kLastC1);
}

// Line and paragraph separators, and what turns the reading direction.
bool is_misleading(unsigned code) {
  return code == 0x061C || in(code, 0x200E, 0x200F) || in(code, 0x2028, 0x202E) ||
         in(code, 0x2066, 0x2069);
}

void append_bytes(std::string& out, std::string_view bytes) {
  for (const char c : bytes) fmt::format_to(std::back_inserter(out), "\\x{:02x}", byte_of(c));
}

}  // namespace

std::string one_line(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const std::size_t length = utf8_length(text);
    const std::string_view sequence = text.substr(0, length == 0 ? 1 : length);
    const unsigned code = code_point_of(sequence);
    if (sequence == "\n") {
      out += "\\n";
    } else if (length == 0 || is_control(code)) {
      append_bytes(out, sequence);
    } else if (is_misleading(code)) {
      fmt::format_to(std::back_inserter(out), "\\u{:04x}", code);
    } else {
      out += sequence;
    }
    text.remove_prefix(sequence.size());
  }
  return out;
}

std::string json_escaped(std::string_view text) {
  const std::string valid = valid_utf8(text);
  std::string out;
  out.reserve(valid.size());
  for (std::string_view rest = valid; !rest.empty();) {
    const std::string_view sequence = rest.substr(0, utf8_length(rest));
    const unsigned code = code_point_of(sequence);
    if (sequence == "\"" || sequence == "\\") {
      out += '\\';
      out += sequence;
    } else if (is_control(code) || is_misleading(code)) {
      fmt::format_to(std::back_inserter(out), "\\u{:04x}", code);
    } else {
      out += sequence;
    }
    rest.remove_prefix(sequence.size());
  }
  return out;
}

}  // namespace base
