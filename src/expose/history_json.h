// The seconds of a target as JSON.
#pragma once

#include <string>
#include <string_view>

#include "model/history.h"

namespace expose {

// The answer of /debug/history: columns as long as `unix_ms`, null where a number was not known,
// counters as they stood. Buckets of latencies are cumulative, a list each second.
std::string write_history_json(const model::History& history, std::string_view epoch);

}  // namespace expose
