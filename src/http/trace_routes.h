// Traces to download: of the last seconds, and those that the flight recorder kept.
#pragma once

#include <string_view>

#include "http/exchange.h"
#include "http/sources.h"

namespace http {

// /debug/trace?seconds=&process=
void answer_trace(const Sources& sources, const Request& request, Response& response);

// /debug/captures, and /debug/captures/ID/ with trace, pprof or flamegraph: `rest` is what follows
// the first part.
void answer_captures(const Sources& sources, const Request& request, std::string_view rest,
                     Response& response);

}  // namespace http
