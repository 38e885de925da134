#include "command/overhead_share.h"

#include <charconv>
#include <cmath>

namespace command {

base::Result<std::optional<double>> parse_overhead_share(std::string_view text) {
  if (text == "off") return std::optional<double>();
  std::string_view number = text;
  const bool is_percent = number.ends_with('%');
  if (is_percent) number.remove_suffix(1);
  while (is_percent && number.ends_with(' ')) number.remove_suffix(1);
  double value = 0;
  const char* const end = number.data() + number.size();
  const auto [rest, error] = std::from_chars(number.data(), end, value, std::chars_format::fixed);
  const double share = is_percent ? value / 100 : value;
  if (error != std::errc() || rest != end || !std::isfinite(share) || share <= 0 || share > 1) {
    return base::fail("--overhead.max \"{}\": use a share of CPU time such as 1% or 0.01, or off",
                      text);
  }
  return std::optional(share);
}

}  // namespace command
