#include "watch/sources.h"

#include <algorithm>
#include <optional>

namespace watch {
namespace {

using model::Preference;
using model::Source;

using Members = std::span<const model::Member>;

bool contains(Members members, const model::Member& member) {
  return std::find(members.begin(), members.end(), member) != members.end();
}

std::optional<Source> choose(const model::CatalogueEntry& entry, Members state, Members probes) {
  const bool in_state = contains(state, entry.member);
  const bool in_probes = contains(probes, entry.member);
  const auto probe = in_probes ? std::optional(Source::kProbe) : std::nullopt;
  switch (entry.from) {
    case Preference::kStateOnly:
      return in_state ? std::optional(Source::kState) : std::nullopt;
    case Preference::kStateElseProbe:
      return in_state ? Source::kState : probe;
    case Preference::kProbeOnly: {
      const bool is_known_better = entry.stand_in_for && (contains(state, *entry.stand_in_for) ||
                                                          contains(probes, *entry.stand_in_for));
      return is_known_better ? std::nullopt : probe;
    }
    case Preference::kKernel:
    case Preference::kAttachment:
    case Preference::kExporter:
      return std::nullopt;
  }
  return std::nullopt;
}

std::string_view difference_of(const model::CatalogueEntry& entry,
                               std::span<const state::Difference> differences) {
  for (const state::Difference& difference : differences) {
    if (difference.member == entry.member) return difference.text;
  }
  return {};
}

}  // namespace

std::vector<model::FamilySource> choose_sources(Members state, Members probes,
                                                std::span<const state::Difference> differences) {
  std::vector<model::FamilySource> sources;
  for (const model::CatalogueEntry& entry : model::catalogue()) {
    const auto source = choose(entry, state, probes);
    if (!source) continue;
    const bool is_state = *source == Source::kState;
    sources.push_back(
        {&entry, *source, is_state ? difference_of(entry, differences) : std::string_view()});
  }
  return sources;
}

}  // namespace watch
