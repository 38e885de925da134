#include "http/accept_list.h"

#include <strings.h>

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <optional>
#include <system_error>

namespace http {
namespace {

constexpr std::size_t kMaxElements = 100;

// Length of what stands before `separator`, or of all of it; between quotes nothing separates.
std::size_t length_before(std::string_view text, char separator) {
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '"') quoted = !quoted;
    if (quoted && text[i] == '\\') ++i;
    if (!quoted && text[i] == separator) return i;
  }
  return text.size();
}

// Takes the part before the next `separator` from `rest`, and the separator.
std::string_view take_part(std::string_view& rest, char separator) {
  const std::size_t length = length_before(rest, separator);
  const std::string_view part = rest.substr(0, length);
  rest.remove_prefix(std::min(length + 1, rest.size()));
  return trimmed(part);
}

std::optional<double> parse_quality(std::string_view text) {
  double quality = 0;
  const char* const end = text.data() + text.size();
  const auto parsed = std::from_chars(text.data(), end, quality, std::chars_format::fixed);
  if (parsed.ec != std::errc{} || parsed.ptr != end) return std::nullopt;
  // Written so that NaN fails it too.
  if (!(quality >= 0 && quality <= 1)) return std::nullopt;
  return quality;
}

}  // namespace

std::vector<Acceptable> parse_accept_list(std::string_view field) {
  std::vector<Acceptable> elements;
  while (!field.empty() && elements.size() < kMaxElements) {
    std::string_view rest = take_part(field, ',');
    Acceptable element;
    element.name = take_part(rest, ';');
    element.parameters = rest;
    if (element.name.empty()) continue;
    if (const auto text = parameter_of(element, "q"); !text.empty()) {
      const auto quality = parse_quality(text);
      if (!quality) continue;
      element.quality = *quality;
    }
    elements.push_back(element);
  }
  return elements;
}

std::string_view parameter_of(const Acceptable& element, std::string_view name) {
  std::string_view rest = element.parameters;
  while (!rest.empty()) {
    std::string_view value = take_part(rest, ';');
    if (!same_name(take_part(value, '='), name)) continue;
    value = trimmed(value);
    const bool quoted = value.size() >= 2 && value.front() == '"' && value.back() == '"';
    return quoted ? value.substr(1, value.size() - 2) : value;
  }
  return {};
}

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kSpace = " \t";
  const std::size_t begin = text.find_first_not_of(kSpace);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kSpace) - begin + 1);
}

bool same_name(std::string_view one, std::string_view other) {
  return one.size() == other.size() && ::strncasecmp(one.data(), other.data(), one.size()) == 0;
}

}  // namespace http
