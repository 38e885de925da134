#include "timeline/exemplars.h"

#include <algorithm>
#include <optional>
#include <vector>

#include "base/clock.h"

namespace timeline {
namespace {

using Pauses = std::vector<EventWindow::Pause>;

// The last ones: an example is of now.
constexpr std::size_t kMaxPauses = 256;

void add(std::optional<model::Histogram>& histogram, const Pauses& pauses,
         model::Count EventWindow::Pause::*duration_ns) {
  if (!histogram) return;
  for (const EventWindow::Pause& pause : pauses) {
    if (const model::Count& value_ns = pause.*duration_ns) {
      histogram->exemplars.push_back({*value_ns, base::unix_ns_of(pause.ended_ns), pause.event});
    }
  }
}

// The pause may be older than what is kept.
void add_request(model::ServerMetrics& server, const Pauses& pauses) {
  if (!server.paused_request || !server.request_duration_ns) return;
  const model::PausedRequest& request = *server.paused_request;
  const auto pause = std::find_if(pauses.rbegin(), pauses.rend(), [&](const auto& one) {
    return one.heap == request.heap && one.cycle == request.cycle;
  });
  if (pause == pauses.rend()) return;
  server.request_duration_ns->exemplars.push_back(
      {request.duration_ns, base::unix_ns_of(request.ended_ns), pause->event});
}

}  // namespace

void add_exemplars(model::Snapshot& snapshot, const EventWindow& window) {
  for (model::TargetMetrics& target : snapshot.targets) {
    const Pauses pauses = window.last_pauses(target.process, kMaxPauses);
    add(target.gc.pause_ns, pauses, &EventWindow::Pause::pause_ns);
    add(target.gc.time_to_safepoint_ns, pauses, &EventWindow::Pause::safepoint_ns);
    for (model::ServerMetrics& server : target.servers) add_request(server, pauses);
  }
}

}  // namespace timeline
