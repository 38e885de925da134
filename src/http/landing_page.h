// The page at "/".
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "model/snapshot.h"

namespace http {

// `text` so that it is text, and nothing else, in HTML and in a quoted attribute. Bytes that are no
// UTF-8 become U+FFFD.
std::string html_escaped(std::string_view text);

// `text`, any bytes, as a value in a URL's query.
std::string query_escaped(std::string_view text);

// HTML with links to what is served, the version and the watched processes, or why there is no
// snapshot. Without `is_debug_served` nothing below /debug/ is a link.
std::string write_landing_page(const base::Result<model::Snapshot>& snapshot,
                               std::string_view telemetry_path, bool is_debug_served = true);

}  // namespace http
