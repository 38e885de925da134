#include "expose/target_series.h"
#include "model/names.h"

namespace expose {

std::vector<Family> connection_families(Targets targets) {
  std::vector<Family> families{
      {"valk_aio_connection_transitions_total",
       FamilyType::kCounter,
       help_text("Changes of connections from one state to another", Since::kAttach),
       {}},
      {"valk_aio_connection_state_duration_seconds",
       FamilyType::kHistogram,
       help_text("Seconds that a connection spent in a state, counted when it leaves the state,",
                 Since::kAttach) +
           " For state active it is the duration of the request that made the connection active.",
       {}}};
  for (const auto& target : targets) {
    TargetSeries transitions(families[0], target);
    TargetSeries durations(families[1], target);
    for (const auto& system : target.systems) {
      for (const auto& transition : system.transitions) {
        transitions.add({{"system", system.name},
                         {"from", name_of(transition.from)},
                         {"to", name_of(transition.to)}},
                        transition.count);
      }
      for (const auto& entry : system.state_durations) {
        durations.add({{"system", system.name}, {"state", name_of(entry.state)}},
                      entry.duration_ns);
      }
    }
  }
  return families;
}

}  // namespace expose
