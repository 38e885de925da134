// Rows of the catalogue, as tests want them.
#pragma once

#include <gtest/gtest.h>

#include <string_view>
#include <vector>

#include "model/catalogue.h"

namespace catalogue_rows {

// Those that the runtime's memory has or could have.
inline std::vector<const model::CatalogueEntry*> of_memory() {
  using enum model::Preference;
  std::vector<const model::CatalogueEntry*> rows;
  for (const auto& entry : model::catalogue()) {
    const bool is = entry.from == kStateOnly || entry.from == kStateElseProbe;
    if (is) rows.push_back(&entry);
  }
  return rows;
}

inline const model::CatalogueEntry* named(std::string_view name) {
  for (const auto& entry : model::catalogue()) {
    if (entry.name == name) return &entry;
  }
  ADD_FAILURE() << "no row " << name;
  return nullptr;
}

}  // namespace catalogue_rows
