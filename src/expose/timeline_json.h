// The timeline as JSON.
#pragma once

#include <string>

#include "model/timeline_event.h"

namespace expose {

// The answer of /debug/gc-events. `is_reset`: who asked knows sequences of another epoch.
std::string write_events_json(const model::TimelinePart& part, bool is_reset);

}  // namespace expose
