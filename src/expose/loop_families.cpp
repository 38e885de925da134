#include "expose/target_series.h"

namespace expose {

std::vector<Family> loop_families(Targets targets) {
  Family stalls{"valk_loop_stall_duration_seconds",
                FamilyType::kHistogram,
                help_text("Duration in seconds of each turn of the event loop that was busy for at "
                          "least a millisecond, its wait in the kernel left out,",
                          Since::kAttach),
                {}};
  for (const auto& target : targets) {
    TargetSeries series(stalls, target);
    for (const auto& system : target.systems) {
      if (system.loop_stall_ns) series.add({{"system", system.name}}, *system.loop_stall_ns);
    }
  }
  std::vector<Family> families;
  families.push_back(std::move(stalls));
  return families;
}

}  // namespace expose
