#include "expose/number.h"

#include <fmt/format.h>

#include <array>
#include <cassert>
#include <charconv>
#include <cmath>
#include <system_error>

namespace expose {
namespace {

constexpr std::uint64_t kNsPerSecond = 1'000'000'000;

}  // namespace

std::string seconds_text(std::uint64_t ns) {
  const std::uint64_t fraction_ns = ns % kNsPerSecond;
  if (fraction_ns == 0) return fmt::format("{}", ns / kNsPerSecond);
  std::string text = fmt::format("{}.{:09}", ns / kNsPerSecond, fraction_ns);
  text.erase(text.find_last_not_of('0') + 1);
  return text;
}

std::string ratio_text(double ratio) {
  if (std::isnan(ratio)) return "NaN";
  if (std::isinf(ratio)) return ratio > 0 ? "+Inf" : "-Inf";
  std::array<char, 512> digits{};  // the longest double in fixed notation has about 345 characters
  const auto end =
      std::to_chars(digits.data(), digits.data() + digits.size(), ratio, std::chars_format::fixed);
  assert(end.ec == std::errc{});
  return std::string(digits.data(), end.ptr);
}

}  // namespace expose
