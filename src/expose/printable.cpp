#include "expose/printable.h"

#include <cstddef>

#include "base/utf8.h"

namespace expose {
namespace {

constexpr std::size_t kMaxBytes = 400;
constexpr std::string_view kReplacement = "\xEF\xBF\xBD";

bool is_control(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte < 0x20 || byte == 0x7F;
}

// U+0080 to U+009F, which terminals may take for escape sequences too.
bool is_late_control(std::string_view rest) {
  return rest.size() >= 2 && rest[0] == '\xC2' && static_cast<unsigned char>(rest[1]) < 0xA0;
}

}  // namespace

std::string printable(std::string_view text) {
  const bool cut = text.size() > kMaxBytes;
  const std::string valid = base::valid_utf8(text.substr(0, kMaxBytes));
  std::string line;
  for (std::size_t i = 0; i < valid.size(); ++i) {
    const bool late = is_late_control(std::string_view(valid).substr(i));
    if (late || is_control(valid[i])) {
      line += kReplacement;
      i += late ? 1 : 0;
    } else {
      line += valid[i];
    }
  }
  return cut ? line + "..." : line;
}

}  // namespace expose
