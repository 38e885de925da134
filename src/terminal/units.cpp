#include "terminal/units.h"

#include <fmt/core.h>

#include <cmath>
#include <ctime>

namespace terminal {
namespace {

// Beyond that a number is no number of anything.
constexpr double kLargest = 1e18;

bool is_sensible(const Known& value) {
  return value && std::abs(*value) < kLargest;
}

// About three digits.
std::string three_digits(double value) {
  if (value < 10) return fmt::format("{:.2f}", value);
  return value < 100 ? fmt::format("{:.1f}", value) : fmt::format("{:.0f}", value);
}

// From 0 to below a million.
std::string in_groups(double value) {
  const auto whole = static_cast<long long>(std::round(value));
  if (whole < 1'000) return fmt::format("{}", whole);
  return fmt::format("{},{:03}", whole / 1'000, whole % 1'000);
}

std::tm utc(double unix_seconds) {
  const auto time = static_cast<std::time_t>(is_sensible(unix_seconds) ? unix_seconds : 0);
  std::tm parts{};
  // Where the year is beyond what a tm holds, it stays 1900.
  ::gmtime_r(&time, &parts);
  return parts;
}

}  // namespace

std::string count(const Known& value) {
  if (!is_sensible(value)) return kUnknown;
  if (*value < 0) return fmt::format("{:.0f}", *value);
  if (std::round(*value) < 1e6) return in_groups(*value);
  if (*value < 1e9) return three_digits(*value / 1e6) + " M";
  return three_digits(*value / 1e9) + " G";
}

std::string per_second(const Known& value) {
  if (!is_sensible(value)) return kUnknown;
  if (*value == 0) return "0";
  if (*value < 0.05) return "<0.1";
  return *value < 100 ? fmt::format("{:.1f}", *value) : count(value);
}

std::string bytes(const Known& value) {
  if (!is_sensible(value)) return kUnknown;
  if (*value < 1024) return fmt::format("{:.0f} B", *value);
  double rest = *value;
  const char* unit = "B";
  for (const char* const larger : {"KiB", "MiB", "GiB", "TiB"}) {
    if (rest < 1024) break;
    rest /= 1024;
    unit = larger;
  }
  return fmt::format("{:.{}f} {}", rest, rest < 99.95 ? 1 : 0, unit);
}

std::string percent(const Known& share) {
  return is_sensible(share) ? fmt::format("{:.1f} %", *share * 100) : kUnknown;
}

std::string seconds(const Known& value) {
  if (!is_sensible(value)) return kUnknown;
  if (*value < 0.001) return fmt::format("{:.0f} us", *value * 1e6);
  if (*value < 1) return three_digits(*value * 1e3) + " ms";
  return three_digits(*value) + " s";
}

std::string latency(const std::optional<Percentile>& percentile) {
  if (!percentile) return kUnknown;
  if (percentile->is_beyond) return fmt::format("> {:g} s", percentile->seconds);
  return seconds(percentile->seconds);
}

std::string age(double seconds) {
  if (!(seconds >= 0) || seconds > kLargest) return kUnknown;
  const auto whole = static_cast<long long>(seconds);
  if (whole < 60) return fmt::format("{} s", whole);
  if (whole < 3'600) return fmt::format("{} min", whole / 60);
  if (whole < 48 * 3'600) return fmt::format("{} h {} min", whole / 3'600, whole / 60 % 60);
  return fmt::format("{} days", whole / 86'400);
}

std::string date_and_time(double unix_seconds) {
  const std::tm at = utc(unix_seconds);
  return fmt::format("{:04}-{:02}-{:02} {:02}:{:02}:{:02}", at.tm_year + 1900, at.tm_mon + 1,
                     at.tm_mday, at.tm_hour, at.tm_min, at.tm_sec);
}

std::string time_of_day(double unix_seconds) {
  const std::tm at = utc(unix_seconds);
  const double fraction = is_sensible(unix_seconds) ? unix_seconds - std::floor(unix_seconds) : 0;
  return fmt::format("{:02}:{:02}:{:02}.{:03}", at.tm_hour, at.tm_min, at.tm_sec,
                     static_cast<int>(fraction * 1'000));
}

}  // namespace terminal
