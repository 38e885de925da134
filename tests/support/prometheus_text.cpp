// SPDX-License-Identifier: BSD-2-Clause
#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <set>
#include <string_view>

#include "support/samples.h"

namespace test {
namespace {

constexpr std::array<std::string_view, 5> kTypes{"counter", "gauge", "histogram", "summary",
                                                 "untyped"};

bool is_name(std::string_view name, bool colons) {
  for (std::size_t i = 0; i < name.size(); ++i) {
    char byte = name[i];
    bool letter = (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || byte == '_' ||
                  (colons && byte == ':');
    if (!letter && (i == 0 || byte < '0' || byte > '9')) return false;
  }
  return !name.empty();
}

// Takes the part before the first of the separators; the separator stays.
std::string_view take_until(std::string_view& rest, std::string_view separators) {
  std::string_view part = rest.substr(0, rest.find_first_of(separators));
  rest.remove_prefix(part.size());
  return part;
}

bool take(std::string_view& rest, char byte) {
  if (rest.empty() || rest.front() != byte) return false;
  rest.remove_prefix(1);
  return true;
}

bool is_number(std::string_view text) {
  if (text == "NaN" || text == "+Inf" || text == "-Inf") return true;
  if (!text.empty() && text.front() == '+') text.remove_prefix(1);
  double number = 0;
  auto parsed = std::from_chars(text.data(), text.data() + text.size(), number);
  bool digits = text.find_first_of("0123456789") != std::string_view::npos;  // not "inf"
  return parsed.ec == std::errc() && parsed.ptr == text.data() + text.size() && digits;
}

bool is_integer(std::string_view text) {
  if (!text.empty() && text.front() == '-') text.remove_prefix(1);
  return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

// After the opening quote, up to and with the closing one.
std::optional<std::string> take_label_value(std::string_view& rest) {
  std::string value;
  while (!rest.empty()) {
    char byte = rest.front();
    rest.remove_prefix(1);
    if (byte == '"') return value;
    if (byte != '\\') {
      value += byte;
      continue;
    }
    if (rest.empty()) break;
    char escaped = rest.front();
    rest.remove_prefix(1);
    if (escaped != '\\' && escaped != '"' && escaped != 'n') return std::nullopt;
    value += escaped == 'n' ? '\n' : escaped;
  }
  return std::nullopt;
}

// After the opening brace, up to and with the closing one. The text is what is wrong, if anything.
std::string take_labels(std::string_view& rest, Labels& labels) {
  while (!take(rest, '}')) {
    std::string name(take_until(rest, "="));
    if (!is_name(name, false)) return "bad label name";
    if (!take(rest, '=') || !take(rest, '"')) return "bad label";
    auto value = take_label_value(rest);
    if (!value) return "bad label value";
    if (!labels.try_emplace(name, *value).second) return "label given twice";
    if (!take(rest, ',') && (rest.empty() || rest.front() != '}')) return "labels not closed";
  }
  return {};
}

class TextParser {
 public:
  Samples parse(std::string_view text) {
    if (!text.empty() && text.back() != '\n') problem("the last line has no end", "");
    while (!text.empty()) {
      ++line_number_;
      std::string_view line = take_until(text, "\n");
      take(text, '\n');
      parse_line(line);
    }
    return std::move(samples_);
  }

 private:
  void problem(const std::string& what, std::string_view line) {
    samples_.problems.push_back("line " + std::to_string(line_number_) + ": " + what + ": " +
                                std::string(line));
  }

  void parse_line(std::string_view line) {
    if (line.empty()) return;
    if (line.starts_with("# HELP "))
      parse_help(line, line.substr(7));
    else if (line.starts_with("# TYPE "))
      parse_type(line, line.substr(7));
    else if (line.front() != '#')
      parse_sample(line);
  }

  void parse_help(std::string_view line, std::string_view rest) {
    std::string name(take_until(rest, " "));
    take(rest, ' ');
    if (!is_name(name, true)) problem("bad name", line);
    if (!samples_.helps.try_emplace(name, rest).second) problem("second HELP", line);
    enter_family(name, line);
  }

  void parse_type(std::string_view line, std::string_view rest) {
    std::string name(take_until(rest, " "));
    take(rest, ' ');
    if (!is_name(name, true)) problem("bad name", line);
    if (std::find(kTypes.begin(), kTypes.end(), rest) == kTypes.end()) problem("bad type", line);
    if (sampled_.contains(name)) problem("TYPE after its samples", line);
    if (!samples_.types.try_emplace(name, rest).second) problem("second TYPE", line);
    enter_family(name, line);
  }

  // All lines of a family stand together.
  void enter_family(const std::string& name, std::string_view line) {
    if (name == family_) return;
    family_ = name;
    if (!seen_.insert(name).second) problem("a family in two places", line);
  }

  // A histogram's samples have other names than the family.
  std::string family_of(const std::string& name) const {
    for (std::string_view suffix : {"_bucket", "_sum", "_count"}) {
      if (!name.ends_with(suffix)) continue;
      std::string base = name.substr(0, name.size() - suffix.size());
      auto type = samples_.types.find(base);
      if (type == samples_.types.end()) continue;
      bool is_histogram = type->second == "histogram";
      if (is_histogram || (type->second == "summary" && suffix != "_bucket")) return base;
    }
    return name;
  }

  void parse_sample(std::string_view line) {
    std::string_view rest = line;
    Series series{std::string(take_until(rest, "{ ")), {}};
    if (!is_name(series.name, true)) return problem("bad name", line);
    if (take(rest, '{')) {
      std::string wrong = take_labels(rest, series.labels);
      if (!wrong.empty()) return problem(wrong, line);
    }
    if (!take(rest, ' ')) return problem("no value", line);
    std::string value(take_until(rest, " "));
    if (!is_number(value)) return problem("bad value", line);
    if (take(rest, ' ') && !is_integer(rest)) return problem("bad timestamp", line);
    std::string family = family_of(series.name);
    sampled_.insert(family);
    enter_family(family, line);
    add_sample(samples_, std::move(series), std::move(value));
  }

  Samples samples_;
  std::size_t line_number_ = 0;
  std::string family_;
  std::set<std::string> seen_;
  std::set<std::string> sampled_;
};

}  // namespace

Samples parse_prometheus(std::string_view text) {
  return TextParser().parse(text);
}

}  // namespace test
