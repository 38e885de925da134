#include "expose/timeline_json.h"

#include <utility>

#include "expose/event_json.h"
#include "expose/json_text.h"

namespace expose {

using Json = nlohmann::ordered_json;

std::string write_events_json(const model::TimelinePart& part, bool is_reset) {
  Json events = Json::array();
  for (const model::TimelineEvent& event : part.events) events.push_back(event_json(event));
  const Json document = {{"epoch", part.epoch}, {"first", part.first},
                         {"next", part.next},   {"lost", part.lost},
                         {"reset", is_reset},   {"events", std::move(events)}};
  return json_text(document) + '\n';
}

}  // namespace expose
