#include "timeline/capture.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <ctime>
#include <map>
#include <utility>

namespace timeline {
namespace {

using base::fail;
using base::Result;
using model::CaptureFacts;

constexpr std::string_view kFirstLine = "valkyria capture 1\n";
constexpr std::string_view kLastLine = "end\n";
constexpr std::size_t kMaxIdBytes = 64;
constexpr std::size_t kMaxTextBytes = 4'096;
constexpr std::string_view kHexDigits = "0123456789abcdef";

bool is_letter(char c) {
  return c >= 'a' && c <= 'z';
}

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

// A label may have line feeds and anything else in it.
std::string hex_of(std::string_view text) {
  std::string hex;
  for (const char c : text.substr(0, kMaxTextBytes)) {
    const auto byte = static_cast<unsigned char>(c);
    hex += kHexDigits[byte >> 4];
    hex += kHexDigits[byte & 15];
  }
  return hex;
}

Result<std::string> text_of_hex(std::string_view hex) {
  std::string text;
  if (hex.size() % 2 != 0) return fail("half a byte");
  for (std::size_t i = 0; i < hex.size(); i += 2) {
    const std::size_t high = kHexDigits.find(hex[i]);
    const std::size_t low = kHexDigits.find(hex[i + 1]);
    if (high == std::string_view::npos || low == std::string_view::npos) return fail("no byte");
    text += static_cast<char>(high << 4 | low);
  }
  return text;
}

using Lines = std::map<std::string_view, std::string_view>;

// "name value" each, between the first line and the last one.
Result<Lines> lines_of(std::string_view text) {
  if (!text.starts_with(kFirstLine) || !text.ends_with(kLastLine)) {
    return fail("no facts of a capture, or not all of them");
  }
  text.remove_prefix(kFirstLine.size());
  Lines lines;
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
    const std::size_t space = line.find(' ');
    if (space == std::string_view::npos) continue;  // the last one
    lines.emplace(line.substr(0, space), line.substr(space + 1));
  }
  return lines;
}

Result<std::uint64_t> number_of(const Lines& lines, std::string_view name) {
  const auto line = lines.find(name);
  if (line == lines.end()) return fail("no {}", name);
  std::uint64_t number = 0;
  const char* const end = line->second.data() + line->second.size();
  const auto [rest, error] = std::from_chars(line->second.data(), end, number);
  if (error != std::errc() || rest != end) return fail("{} is no number", name);
  return number;
}

}  // namespace

std::string make_capture_id(std::uint64_t unix_ms, std::string_view epoch, std::uint64_t number) {
  const auto seconds = static_cast<std::time_t>(unix_ms / 1'000);
  std::tm parts{};
  ::gmtime_r(&seconds, &parts);
  char text[sizeof("20261126T092000Z")] = "";
  std::strftime(text, sizeof(text), "%Y%m%dT%H%M%SZ", &parts);
  return fmt::format("{}-{}-{}", text, epoch, number);
}

// Digits where the pattern has 0, hexadecimal ones for x.
bool is_capture_id(std::string_view text) {
  constexpr std::string_view kPattern = "00000000T000000Z-xxxxxxxx-";
  if (text.size() <= kPattern.size() || text.size() > kMaxIdBytes) return false;
  for (std::size_t i = 0; i < kPattern.size(); ++i) {
    const bool fits = kPattern[i] == '0'   ? is_digit(text[i])
                      : kPattern[i] == 'x' ? kHexDigits.find(text[i]) != std::string_view::npos
                                           : text[i] == kPattern[i];
    if (!fits) return false;
  }
  return std::all_of(text.begin() + kPattern.size(), text.end(), is_digit);
}

bool is_attachment_name(std::string_view text) {
  return !text.empty() && text.size() <= kMaxIdBytes && is_letter(text.front()) &&
         std::all_of(text.begin(), text.end(), [](char c) { return is_letter(c) || c == '.'; });
}

std::string write_capture_facts(const CaptureFacts& facts) {
  return fmt::format(
      "{}id {}\nunix_ms {}\nrule {}\nprocess {}\nfirst_sequence {}\nlast_sequence {}\nevents "
      "{}\n{}",
      kFirstLine, facts.id, facts.unix_ms, hex_of(facts.rule), hex_of(facts.process),
      facts.first_sequence, facts.last_sequence, facts.events, kLastLine);
}

Result<CaptureFacts> parse_capture_facts(std::string_view text) {
  const auto lines = lines_of(text);
  if (!lines) return base::pass_on(lines);
  CaptureFacts facts;
  const auto id = lines->find("id");
  if (id == lines->end() || !is_capture_id(id->second)) return fail("no id");
  facts.id = id->second;
  const std::array texts{std::pair{"rule", &facts.rule}, std::pair{"process", &facts.process}};
  for (const auto& [name, place] : texts) {
    const auto line = lines->find(name);
    if (line == lines->end()) return fail("no {}", name);
    auto value = text_of_hex(line->second);
    if (!value) return base::pass_on(value);
    *place = std::move(*value);
  }
  const std::array numbers{
      std::pair{"unix_ms", &facts.unix_ms}, std::pair{"first_sequence", &facts.first_sequence},
      std::pair{"last_sequence", &facts.last_sequence}, std::pair{"events", &facts.events}};
  for (const auto& [name, place] : numbers) {
    const auto value = number_of(*lines, name);
    if (!value) return base::pass_on(value);
    *place = *value;
  }
  return facts;
}

}  // namespace timeline
