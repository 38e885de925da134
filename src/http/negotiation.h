// What a client is given of what it accepts.
#pragma once

#include <string_view>

namespace http {

// kOpenMetricsDraft is the same text under the version that asks for it.
enum class MetricsFormat { kText, kOpenMetrics, kOpenMetricsDraft };

// By the value of Accept. OpenMetrics only for who names it, and at least as gladly as text; named
// without a version it is the draft's 0.0.1, as Go's exporters have it. Text for everybody else,
// also for who accepts neither: a scrape is better than an error.
MetricsFormat negotiate_format(std::string_view accept);

// By the value of Accept-Encoding: gzip is accepted, and no less than no encoding at all.
bool accepts_gzip(std::string_view accept_encoding);

}  // namespace http
