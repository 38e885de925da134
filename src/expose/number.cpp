#include "expose/number.h"

#include <array>
#include <cassert>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <string_view>
#include <system_error>

namespace expose {
namespace {

constexpr std::uint64_t kNsPerSecond = 1'000'000'000;

// `format` is what std::to_chars() takes besides. The longest double in fixed notation has about
// 345 characters.
template <std::size_t capacity, typename Number, typename... Format>
void append_chars(std::string& out, Number number, Format... format) {
  std::array<char, capacity> digits;
  const auto end = std::to_chars(digits.data(), digits.data() + capacity, number, format...);
  assert(end.ec == std::errc{});
  out.append(digits.data(), end.ptr);
}

}  // namespace

void append_count(std::string& out, std::uint64_t count) {
  append_chars<20>(out, count);
}

void append_signed(std::string& out, std::int64_t count) {
  append_chars<20>(out, count);
}

void append_seconds(std::string& out, std::uint64_t ns) {
  append_count(out, ns / kNsPerSecond);
  std::uint64_t fraction = ns % kNsPerSecond;
  if (fraction == 0) return;
  std::size_t digits = 9;
  for (; fraction % 10 == 0; fraction /= 10) --digits;
  out += '.';
  out.append(digits, '0');
  for (std::size_t at = out.size(); fraction != 0; fraction /= 10) {
    out[--at] = static_cast<char>('0' + fraction % 10);
  }
}

void append_ratio(std::string& out, double ratio) {
  if (std::isnan(ratio)) {
    out += "NaN";
  } else if (std::isinf(ratio)) {
    out += ratio > 0 ? "+Inf" : "-Inf";
  } else {
    append_chars<512>(out, ratio, std::chars_format::fixed);
  }
}

void append_bound(std::string& out, double bound) {
  constexpr double kSmallest = 1e-9;
  constexpr double kLargest = 1e15;
  if (bound == 0 || (bound >= kSmallest && bound < kLargest)) {
    append_ratio(out, bound);
  } else {
    append_chars<32>(out, bound);
  }
}

void append_canonical_seconds(std::string& out, std::uint64_t ns) {
  append_canonical_bound(out, static_cast<double>(ns) / kNsPerSecond);
}

void append_canonical_bound(std::string& out, double bound) {
  const std::size_t begin = out.size();
  append_chars<32>(out, bound, std::chars_format::general);
  if (std::string_view(out).substr(begin).find_first_of(".e") == std::string_view::npos) {
    out += ".0";
  }
}

}  // namespace expose
