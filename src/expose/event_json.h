// One event of the timeline as JSON, for the texts that this room makes of it.
#pragma once

#include <nlohmann/json.hpp>
#include <string_view>

#include "model/timeline_event.h"

namespace expose {

// Such as "explicit".
std::string_view text_of(model::GcReason reason);

// Times in milliseconds since 1970, durations in milliseconds, sizes in bytes; null where it is not
// known.
nlohmann::ordered_json event_json(const model::TimelineEvent& event);

}  // namespace expose
