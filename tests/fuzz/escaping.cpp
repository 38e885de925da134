// Texts of strangers on their way out: UTF-8, escapes of both text formats and of the log, and
// lines for people. The first eight bytes are a number, which is written, too.
#include <fmt/format.h>
#include <spdlog/details/log_msg.h>

#include <charconv>
#include <cmath>
#include <cstring>
#include <nlohmann/json.hpp>

#include "base/log_format.h"
#include "base/utf8.h"
#include "expose/line.h"
#include "expose/number.h"
#include "expose/printable.h"
#include "fuzz/bytes.h"
#include "fuzz/require.h"

namespace {

using fuzz::require;

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";

// The scalar value that the text begins with and takes off it; none: no UTF-8. Written from the
// definition, unlike ours: decode, then look whether it is the shortest form.
std::optional<std::uint32_t> take_scalar(std::string_view& text) {
  const auto lead = static_cast<unsigned char>(text[0]);
  const std::size_t length = lead < 0x80   ? 1
                             : lead < 0xC0 ? 0
                             : lead < 0xE0 ? 2
                             : lead < 0xF0 ? 3
                                           : 4;
  if (length == 0 || length > text.size() || lead >= 0xF8) return std::nullopt;
  std::uint32_t scalar = length == 1 ? lead : lead & (0x7FU >> length);
  for (std::size_t i = 1; i < length; ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if ((byte & 0xC0) != 0x80) return std::nullopt;
    scalar = scalar << 6 | (byte & 0x3F);
  }
  constexpr std::uint32_t kSmallest[] = {0, 0, 0x80, 0x800, 0x10000};
  if (scalar < kSmallest[length] || scalar > 0x10FFFF) return std::nullopt;
  if (scalar >= 0xD800 && scalar < 0xE000) return std::nullopt;
  text.remove_prefix(length);
  return scalar;
}

std::string expected_utf8(std::string_view text) {
  std::string valid;
  while (!text.empty()) {
    const std::string_view before = text;
    const auto scalar = take_scalar(text);
    if (!scalar || *scalar == 0) {
      valid += kReplacement;
      text = before.substr(1);
    } else {
      valid += before.substr(0, before.size() - text.size());
    }
  }
  return valid;
}

void check_utf8(std::string_view text) {
  const std::string valid = base::valid_utf8(text);
  require(valid == expected_utf8(text), "what is no UTF-8 is replaced, and nothing else");
  require(base::valid_utf8(valid) == valid, "what is valid stays");
  std::string in_place(text);
  base::make_valid_utf8(in_place);
  require(in_place == valid, "in place it is the same");
}

std::string unescaped(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\') {
      out += text[i];
      continue;
    }
    require(i + 1 < text.size(), "no escape is cut");
    const char escaped = text[++i];
    require(escaped == 'n' || escaped == '\\' || escaped == '"', "every escape is known");
    out += escaped == 'n' ? '\n' : escaped;
  }
  return out;
}

void check_escapes(std::string_view text) {
  for (const expose::Quotes quotes : {expose::Quotes::kEscaped, expose::Quotes::kAsTheyAre}) {
    std::string out;
    expose::append_escaped(out, text, quotes);
    require(out.find('\n') == std::string::npos, "an escaped text is one line");
    require(unescaped(out) == text, "an escaped text can be read back");
  }
}

void check_printable(std::string_view text) {
  const std::string line = expose::printable(text);
  require(base::valid_utf8(line) == line, "a line for people is UTF-8");
  require(line.size() <= 3 * 400 + 3, "a line for people is short");
  std::string_view rest = line;
  while (!rest.empty()) {
    const auto scalar = take_scalar(rest);
    require(scalar && *scalar >= 0x20 && (*scalar < 0x7F || *scalar >= 0xA0),
            "no control character reaches a terminal");
  }
}

std::string log_line(std::string_view text, base::LogFormat format) {
  static const auto text_formatter = base::make_log_formatter(base::LogFormat::kText);
  static const auto json_formatter = base::make_log_formatter(base::LogFormat::kJson);
  const auto& formatter = format == base::LogFormat::kText ? text_formatter : json_formatter;
  const spdlog::details::log_msg message(spdlog::string_view_t(""), spdlog::level::info,
                                         spdlog::string_view_t(text.data(), text.size()));
  spdlog::memory_buf_t out;
  formatter->format(message, out);
  return {out.data(), out.size()};
}

void check_log(std::string_view text) {
  const std::string line = log_line(text, base::LogFormat::kText);
  for (std::size_t i = 0; i + 1 < line.size(); ++i) {
    const auto byte = static_cast<unsigned char>(line[i]);
    require(byte >= 0x20 && byte != 0x7F, "a message is one line, without control characters");
  }
  require(line.ends_with('\n'), "a line ends");
  const std::string json = log_line(text, base::LogFormat::kJson);
  require(json.find('\n') == json.size() - 1, "a message in JSON is one line");
  const auto parsed = nlohmann::json::parse(json, nullptr, false);
  require(parsed.is_object(), "a message in JSON is JSON");
  require(parsed.at("message").get<std::string>() == base::valid_utf8(text),
          "a message in JSON can be read back");
}

template <typename Number>
Number parsed(std::string_view text) {
  Number number{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  require(error == std::errc{} && end == text.data() + text.size(), "a number is one");
  return number;
}

void check_real(double number) {
  std::string fixed;
  expose::append_ratio(fixed, number);
  if (!std::isfinite(number)) return;
  require(parsed<double>(fixed) == number, "a ratio reads back as the same");
  require(fixed.find('e') == std::string::npos, "a ratio has no exponent");
  for (const auto append : {expose::append_bound, expose::append_canonical_bound}) {
    std::string bound;
    append(bound, number);
    require(parsed<double>(bound) == number, "a bound reads back as the same");
    require(bound.size() <= 32, "a bound is short");
  }
}

void check_seconds(std::uint64_t ns) {
  std::string text;
  expose::append_seconds(text, ns);
  const std::size_t point = std::min(text.find('.'), text.size());
  std::string fraction = text.substr(std::min(point + 1, text.size()));
  require(fraction.empty() || fraction.back() != '0', "seconds end in no zero");
  fraction.resize(9, '0');
  require(parsed<std::uint64_t>(text.substr(0, point)) == ns / 1'000'000'000 &&
              parsed<std::uint64_t>(fraction) == ns % 1'000'000'000,
          "seconds are exact");
}

void check_number(std::uint64_t bits) {
  double real = 0;
  std::memcpy(&real, &bits, sizeof real);
  check_real(real);
  check_seconds(bits);
  std::string count;
  expose::append_count(count, bits);
  require(parsed<std::uint64_t>(count) == bits, "a count reads back as the same");
  std::string signed_count;
  expose::append_signed(signed_count, static_cast<std::int64_t>(bits));
  require(parsed<std::int64_t>(signed_count) == static_cast<std::int64_t>(bits),
          "a signed count reads back as the same");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view text = fuzz::text_of(data, size);
  std::uint64_t bits = 0;
  if (size >= sizeof bits) {
    std::memcpy(&bits, data, sizeof bits);
    text.remove_prefix(sizeof bits);
  }
  check_number(bits);
  check_utf8(text);
  check_escapes(text);
  check_printable(text);
  check_log(text);
  return 0;
}
