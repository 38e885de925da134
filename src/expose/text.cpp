#include "expose/text.h"

#include <fmt/format.h>

#include <string_view>

#include "expose/number.h"
#include "expose/utf8.h"

namespace expose {
namespace {

// Both kinds of text escape backslash and line feed; only label values stand between quotes.
void append_escaped(std::string& out, std::string_view text, bool quoted) {
  for (const char c : valid_utf8(text)) {
    if (c == '\\') {
      out += "\\\\";
    } else if (c == '\n') {
      out += "\\n";
    } else if (c == '"' && quoted) {
      out += "\\\"";
    } else {
      out += c;
    }
  }
}

std::string text_of(const Value& value) {
  if (const auto* const seconds = std::get_if<Seconds>(&value)) return seconds_text(seconds->ns);
  if (const auto* const ratio = std::get_if<double>(&value)) return ratio_text(*ratio);
  return fmt::format("{}", std::get<std::uint64_t>(value));
}

void append_sample(std::string& out, const Family& family, const Sample& sample) {
  out += family.name;
  out += sample.name_suffix;
  char before = '{';
  for (const auto& [name, value] : sample.labels) {
    out += before;
    out += name;
    out += "=\"";
    append_escaped(out, value, true);
    out += '"';
    before = ',';
  }
  if (!sample.labels.empty()) out += '}';
  out += ' ';
  out += text_of(sample.value);
  out += '\n';
}

}  // namespace

std::string write_text(const std::vector<Family>& families) {
  std::string out;
  for (const Family& family : families) {
    out += "# HELP " + family.name + ' ';
    append_escaped(out, family.help, false);
    out += "\n# TYPE " + family.name + ' ';
    out += name_of(family.type);
    out += '\n';
    for (const Sample& sample : family.samples) append_sample(out, family, sample);
  }
  return out;
}

}  // namespace expose
