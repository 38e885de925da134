#include "watch/needed.h"

#include <algorithm>
#include <vector>

#include "probe/contract.h"
#include "probe/members_of_probe.h"
#include "watch/sources.h"

namespace watch {

probe::ProbeSet needed_probes(probe::Means means, std::span<const model::Member> state) {
  probe::ProbeSet needed;
  for (const probe::ProbeSpec& spec : probe::contract()) {
    if (!spec.hit_slot) continue;
    const auto sources = choose_sources(state, probe::members_of_probe(spec.name, means));
    needed[*spec.hit_slot] =
        probe::tells_events(spec.name) ||
        std::any_of(sources.begin(), sources.end(), [](const model::FamilySource& chosen) {
          return chosen.source == model::Source::kProbe;
        });
  }
  return needed;
}

probe::ProbeSet always_needed_probes(probe::Means means) {
  std::vector<model::Member> everything;
  for (const model::CatalogueEntry& entry : model::catalogue()) everything.push_back(entry.member);
  return needed_probes(means, everything);
}

}  // namespace watch
