// How long a snapshot may take.
#pragma once

#include <chrono>
#include <optional>
#include <string_view>

namespace http {

// How long a scrape may take, by the value of Prometheus's field
// X-Prometheus-Scrape-Timeout-Seconds (empty: there was none). None for whatever is not a positive
// number of seconds up to an hour.
std::optional<std::chrono::milliseconds> parse_scrape_timeout(std::string_view header_value);

// The time for a snapshot: half a second less than the scrape may take, or half of it where that is
// more. 5 s where nothing is said of it.
std::chrono::milliseconds parse_scrape_budget(std::string_view header_value);

}  // namespace http
