#include "http/scrape_deadline.h"

#include <algorithm>
#include <charconv>
#include <system_error>

namespace http {
namespace {

constexpr std::chrono::milliseconds kWithoutHeader{5'000};
constexpr double kMaxTimeoutSeconds = 3'600;
constexpr double kMarginSeconds = 0.5;  // for writing, sending and parsing the answer

}  // namespace

std::chrono::milliseconds parse_scrape_budget(std::string_view header_value) {
  double timeout_seconds = 0;
  const char* const end = header_value.data() + header_value.size();
  const auto parsed = std::from_chars(header_value.data(), end, timeout_seconds);
  if (parsed.ec != std::errc{} || parsed.ptr != end) return kWithoutHeader;
  // Written so that NaN fails it too.
  if (!(timeout_seconds > 0 && timeout_seconds <= kMaxTimeoutSeconds)) return kWithoutHeader;
  const double budget_seconds = std::max(timeout_seconds - kMarginSeconds, timeout_seconds / 2);
  return std::chrono::round<std::chrono::milliseconds>(
      std::chrono::duration<double>(budget_seconds));
}

}  // namespace http
