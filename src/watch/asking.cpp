#include "watch/asking.h"

#include "base/log.h"
#include "base/result.h"

namespace watch {

// Who has ended is taken off the list at any moment.
std::vector<Asked> ask(const Targets& targets, const model::Wanted& wanted) {
  std::vector<Asked> asked;
  for (const auto& target : targets.watched) {
    if (wanted.targets == model::Wanted::Targets::kFirst && !asked.empty()) break;
    if (!wanted.includes(target->identity().name)) continue;
    auto view = target->view();
    if (!view || target->has_ended()) continue;
    Asked& one = asked.emplace_back(Asked{target, std::move(*view), 0, std::nullopt});
    if (one.view.state) one.ticket = one.view.state->request();
  }
  return asked;
}

void take_readings(std::vector<Asked>& asked, std::chrono::steady_clock::time_point deadline) {
  for (Asked& one : asked) {
    if (!one.view.state) continue;
    one.reading = one.view.state->wait(one.ticket, deadline);
    if (one.target->has_ended()) {
      one.reading->readings =
          base::fail("read the memory of pid {}: it has ended meanwhile", one.target->pid());
    }
    if (!one.reading->readings) base::log_debug("{}", one.reading->readings.error().message);
  }
}

probe::AttachedBySlot attached_by_slot(const Targets& targets) {
  probe::AttachedBySlot attached;
  for (const auto& target : targets.watched) {
    const std::uint32_t slot = target->identity().slot;
    if (slot >= attached.size()) attached.resize(slot + 1);
    if (const auto view = target->view()) attached[slot] = view->attached;
  }
  return attached;
}

}  // namespace watch
