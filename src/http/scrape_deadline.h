// How long a snapshot may take.
#pragma once

#include <chrono>
#include <string_view>

namespace http {

inline constexpr const char* kScrapeTimeoutHeader = "X-Prometheus-Scrape-Timeout-Seconds";

// The time for a snapshot, by the value of Prometheus's header (empty: there was none): half a
// second less than the scrape may take, or half of it where that is more. 5 s for whatever is not
// a positive number of seconds up to an hour.
std::chrono::milliseconds parse_scrape_budget(std::string_view header_value);

}  // namespace http
