#include <string>

#include "expose/family_groups.h"
#include "model/names.h"

namespace expose {
namespace {

void add_system(Family& transitions, Family& durations, const model::TargetMetrics& target,
                const model::SystemMetrics& system) {
  for (const auto& transition : system.transitions) {
    add_sample(transitions,
               labels_of(target, {{"system", system.name},
                                  {"from", std::string(name_of(transition.from))},
                                  {"to", std::string(name_of(transition.to))}}),
               transition.count);
  }
  for (const auto& entry : system.state_durations) {
    add_histogram(
        durations,
        labels_of(target, {{"system", system.name}, {"state", std::string(name_of(entry.state))}}),
        entry.duration_ns);
  }
}

}  // namespace

std::vector<Family> connection_families(Targets targets) {
  Family transitions{"valk_aio_connection_transitions_total",
                     FamilyType::kCounter,
                     "Changes of connections from one state to another since attach.",
                     {}};
  Family durations{
      "valk_aio_connection_state_duration_seconds",
      FamilyType::kHistogram,
      "Time that a connection spent in a state, in seconds, counted when it leaves the "
      "state, since attach. For state active it is the duration of the request that "
      "made the connection active.",
      {}};
  for (const auto& target : targets) {
    for (const auto& system : target.systems) add_system(transitions, durations, target, system);
  }
  return {std::move(transitions), std::move(durations)};
}

}  // namespace expose
