#include "expose/families.h"

#include <utility>

#include "expose/catalogue_families.h"
#include "expose/registered_families.h"

namespace expose {

std::vector<Family> families_of(const model::Snapshot& snapshot, const Collectors& wanted) {
  std::vector<Family> families;
  const auto append = [&](Family family) {
    if (family.series.empty()) return;
    merge_equal_series(family);
    families.push_back(std::move(family));
  };
  const Differences differences = differences_of(snapshot.targets);
  for (const model::CatalogueEntry& entry : model::catalogue()) {
    if (includes(wanted, collector_of(entry))) append(family_of(entry, snapshot, differences));
  }
  if (!includes(wanted, Collector::kApplication)) return families;
  RegisteredFamilies registered = registered_families(snapshot.targets);
  append(std::move(registered.dropped));
  for (Family& family : registered.families) families.push_back(std::move(family));
  return families;
}

}  // namespace expose
