#include "webconfig/duration.h"

#include <array>
#include <charconv>
#include <utility>

namespace webconfig {
namespace {

using std::chrono::nanoseconds;

using Unit = std::pair<std::string_view, double>;
// A unit that begins like another stands before it.
constexpr std::array kUnits{Unit{"ns", 1.0},      Unit{"us", 1e3},  Unit{"\u00b5s", 1e3},
                            Unit{"\u03bcs", 1e3}, Unit{"ms", 1e6},  Unit{"s", 1e9},
                            Unit{"m", 60e9},      Unit{"h", 3600e9}};
constexpr double kMaxNs = 24 * 3600e9;

}  // namespace

std::optional<nanoseconds> parse_duration(std::string_view text) {
  if (text == "0") return nanoseconds(0);
  if (text.empty()) return std::nullopt;
  double sum_ns = 0;
  while (!text.empty()) {
    if (text.front() != '.' && (text.front() < '0' || text.front() > '9')) return std::nullopt;
    double number = 0;
    const auto read =
        std::from_chars(text.data(), text.data() + text.size(), number, std::chars_format::fixed);
    if (read.ec != std::errc{}) return std::nullopt;
    text.remove_prefix(static_cast<std::size_t>(read.ptr - text.data()));
    const Unit* unit = nullptr;
    for (const Unit& known : kUnits) {
      if (unit == nullptr && text.starts_with(known.first)) unit = &known;
    }
    if (unit == nullptr) return std::nullopt;
    text.remove_prefix(unit->first.size());
    sum_ns += number * unit->second;
    if (!(sum_ns <= kMaxNs)) return std::nullopt;
  }
  return nanoseconds(static_cast<nanoseconds::rep>(sum_ns));
}

}  // namespace webconfig
