#include "model/catalogue.h"

#include <algorithm>
#include <cassert>

#include "model/catalogue/rows.h"

namespace model {
namespace {

std::vector<CatalogueEntry> all_rows() {
  std::vector<CatalogueEntry> all;
  for (const auto rows : {interpreter_rows, system_rows, http_rows, exporter_rows}) {
    all.insert(all.end(), rows().begin(), rows().end());
  }
  return all;
}

}  // namespace

std::span<const CatalogueEntry> catalogue() {
  static const std::vector<CatalogueEntry> rows = all_rows();
  return rows;
}

const CatalogueEntry& entry_of(Member member) {
  const auto rows = catalogue();
  const auto found = std::find_if(rows.begin(), rows.end(), [&](const CatalogueEntry& entry) {
    return entry.member == member;
  });
  assert(found != rows.end());
  return *found;
}

std::vector<std::string_view> names_of(const Member& member) {
  std::vector<std::string_view> names;
  for (const CatalogueEntry& entry : catalogue()) {
    if (entry.member == member) names.push_back(entry.name);
  }
  return names;
}

Source source_of(const CatalogueEntry& entry, std::span<const FamilySource> chosen) {
  switch (entry.from) {
    case Preference::kStateOnly:
      return Source::kState;
    case Preference::kProbeOnly:
    case Preference::kKernel:
    case Preference::kAttachment:
    case Preference::kExporter:
      return Source::kProbe;
    case Preference::kStateElseProbe:
      break;
  }
  const auto known = std::find_if(chosen.begin(), chosen.end(), [&](const FamilySource& source) {
    return source.family == &entry;
  });
  return known == chosen.end() ? Source::kProbe : known->source;
}

}  // namespace model
