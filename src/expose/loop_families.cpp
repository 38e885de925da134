#include "expose/family_groups.h"

namespace expose {

std::vector<Family> loop_families(Targets targets) {
  Family stalls{
      "valk_loop_stall_duration_seconds",
      FamilyType::kHistogram,
      "Turns of the event loop that were busy for at least a millisecond since attach, in "
      "seconds; the wait in the kernel is left out.",
      {}};
  for (const auto& target : targets) {
    for (const auto& system : target.systems) {
      if (!system.loop_stall_ns) continue;
      add_histogram(stalls, labels_of(target, {{"system", system.name}}), *system.loop_stall_ns);
    }
  }
  return {std::move(stalls)};
}

}  // namespace expose
