// The timeline as JSON.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "model/timeline_event.h"

namespace expose {

// Such as "explicit".
std::string_view text_of(model::GcReason reason);

// One event: times in milliseconds since 1970, durations in milliseconds, sizes in bytes; null
// where it is not known.
nlohmann::ordered_json event_json(const model::TimelineEvent& event);

// The answer of /debug/gc-events. `is_reset`: who asked knows sequences of another epoch.
std::string write_events_json(const model::TimelinePart& part, bool is_reset);

}  // namespace expose
