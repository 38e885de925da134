#include "terminal/metrics_text.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <limits>
#include <optional>

#include "expose/printable.h"

namespace terminal {
namespace {

constexpr std::size_t kMaxSeries = 200'000;
constexpr std::size_t kMaxLabels = 64;

bool is_name_byte(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == ':';
}

bool take(std::string_view& rest, char c) {
  if (!rest.starts_with(c)) return false;
  rest.remove_prefix(1);
  return true;
}

void skip_blanks(std::string_view& rest) {
  while (rest.starts_with(' ') || rest.starts_with('\t')) rest.remove_prefix(1);
}

std::string take_name(std::string_view& rest) {
  const auto* const end = std::find_if_not(rest.begin(), rest.end(), is_name_byte);
  std::string name(rest.begin(), end);
  rest.remove_prefix(name.size());
  return name;
}

// Behind the opening quote, up to and with the closing one.
std::optional<std::string> take_quoted(std::string_view& rest) {
  std::string value;
  while (!rest.empty()) {
    const char c = rest.front();
    rest.remove_prefix(1);
    if (c == '"') return value;
    if (c != '\\') {
      value += c;
      continue;
    }
    if (rest.empty()) return std::nullopt;
    value += rest.front() == 'n' ? '\n' : rest.front();
    rest.remove_prefix(1);
  }
  return std::nullopt;
}

// Behind the opening brace, up to and with the closing one.
bool take_labels(std::string_view& rest, Labels& labels) {
  while (!take(rest, '}')) {
    std::string name = take_name(rest);
    if (name.empty() || labels.size() == kMaxLabels || !take(rest, '=') || !take(rest, '"')) {
      return false;
    }
    auto value = take_quoted(rest);
    if (!value) return false;
    labels.emplace_back(std::move(name), std::move(*value));
    if (!take(rest, ',') && !rest.starts_with('}')) return false;
  }
  return true;
}

std::optional<double> parse_value(std::string_view text) {
  if (text == "+Inf") return std::numeric_limits<double>::infinity();
  if (text == "-Inf") return -std::numeric_limits<double>::infinity();
  if (text == "NaN") return std::numeric_limits<double>::quiet_NaN();
  double value = 0;
  const auto end = std::from_chars(text.data(), text.data() + text.size(), value);
  if (end.ec != std::errc{} || end.ptr != text.data() + text.size()) return std::nullopt;
  return value;
}

// A time behind the value is left alone.
std::optional<Series> parse_series(std::string_view line) {
  Series series;
  series.name = take_name(line);
  if (series.name.empty()) return std::nullopt;
  if (take(line, '{') && !take_labels(line, series.labels)) return std::nullopt;
  skip_blanks(line);
  const auto value = parse_value(line.substr(0, line.find_first_of(" \t")));
  if (!value) return std::nullopt;
  series.value = *value;
  return series;
}

}  // namespace

std::string_view Series::label(std::string_view wanted) const {
  for (const auto& [label, text] : labels) {
    if (label == wanted) return text;
  }
  return {};
}

base::Result<std::vector<Series>> parse_metrics(std::string_view text) {
  std::vector<Series> all;
  for (std::size_t number = 1; !text.empty(); ++number) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    if (line.empty() || line.front() == '#') continue;
    auto series = parse_series(line);
    if (!series) {
      return base::fail("line {} is none of a page of metrics: {}", number,
                        expose::printable(line.substr(0, 60)));
    }
    if (all.size() == kMaxSeries) return base::fail("more than {} series", kMaxSeries);
    all.push_back(std::move(*series));
  }
  return all;
}

}  // namespace terminal
