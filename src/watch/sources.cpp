#include "watch/sources.h"

#include <algorithm>
#include <optional>

namespace watch {
namespace {

using model::Preference;
using model::Source;

bool contains(std::span<const model::Member> members, const model::Member& member) {
  return std::find(members.begin(), members.end(), member) != members.end();
}

std::optional<Source> choose(Preference preference, bool in_state, bool in_probes) {
  switch (preference) {
    case Preference::kStateOnly:
      return in_state ? std::optional(Source::kState) : std::nullopt;
    case Preference::kStateElseProbe:
      if (in_state) return Source::kState;
      return in_probes ? std::optional(Source::kProbe) : std::nullopt;
    case Preference::kProbeElseState:
      if (in_probes) return Source::kProbe;
      return in_state ? std::optional(Source::kState) : std::nullopt;
    case Preference::kProbeOnly:
    case Preference::kKernel:
    case Preference::kExporter:
      return std::nullopt;
  }
  return std::nullopt;
}

}  // namespace

std::vector<model::FamilySource> choose_sources(std::span<const model::Member> state,
                                                std::span<const model::Member> probes) {
  std::vector<model::FamilySource> sources;
  for (const model::CatalogueEntry& entry : model::catalogue()) {
    const auto source =
        choose(entry.from, contains(state, entry.member), contains(probes, entry.member));
    if (source) sources.push_back({&entry, *source});
  }
  return sources;
}

}  // namespace watch
