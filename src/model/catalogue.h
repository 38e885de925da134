// The metric catalogue: which families there are about a runtime, and from where each may come.
#pragma once

#include <span>
#include <string_view>

namespace model {

// Which source is taken where both know the family. One source a family and target, for good: a
// counter that changed its source would jump.
enum class Preference { kStateOnly, kStateElseProbe, kProbeElseState };

struct CatalogueEntry {
  std::string_view family;
  Preference preference = Preference::kStateOnly;
};

// Every family of the catalogue, in its order. What only probes know (pauses, transitions, stalls)
// is not in it.
std::span<const CatalogueEntry> catalogue();

}  // namespace model
