#include "http/scrape_deadline.h"

#include <algorithm>
#include <charconv>
#include <system_error>

namespace http {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kWithoutHeader{5'000};
constexpr milliseconds kMargin{500};  // for writing, sending and parsing the answer
constexpr double kMaxTimeoutSeconds = 3'600;

}  // namespace

std::optional<milliseconds> parse_scrape_timeout(std::string_view header_value) {
  double timeout_seconds = 0;
  const char* const end = header_value.data() + header_value.size();
  const auto parsed = std::from_chars(header_value.data(), end, timeout_seconds);
  if (parsed.ec != std::errc{} || parsed.ptr != end) return std::nullopt;
  // Written so that NaN fails it too.
  if (!(timeout_seconds > 0 && timeout_seconds <= kMaxTimeoutSeconds)) return std::nullopt;
  return std::chrono::round<milliseconds>(std::chrono::duration<double>(timeout_seconds));
}

milliseconds parse_scrape_budget(std::string_view header_value) {
  const auto timeout = parse_scrape_timeout(header_value);
  if (!timeout) return kWithoutHeader;
  return std::max(*timeout - kMargin, *timeout / 2);
}

}  // namespace http
