#include "watch/sources.h"

#include <algorithm>
#include <optional>

#include "model/catalogue.h"

namespace watch {
namespace {

using model::Preference;
using model::Source;

bool contains(std::span<const std::string_view> names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
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
  }
  return std::nullopt;
}

}  // namespace

std::vector<model::FamilySource> choose_sources(std::span<const std::string_view> state_families,
                                                std::span<const std::string_view> probe_families) {
  std::vector<model::FamilySource> sources;
  for (const model::CatalogueEntry& entry : model::catalogue()) {
    const auto source = choose(entry.preference, contains(state_families, entry.family),
                               contains(probe_families, entry.family));
    if (source) sources.push_back({entry.family, *source});
  }
  return sources;
}

bool comes_from_state(std::span<const model::FamilySource> sources, std::string_view family) {
  const auto found =
      std::find_if(sources.begin(), sources.end(),
                   [&](const model::FamilySource& source) { return source.family == family; });
  return found != sources.end() && found->source == Source::kState;
}

}  // namespace watch
