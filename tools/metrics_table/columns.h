// What stands in the cells of a family's line.
#pragma once

#include <string>
#include <vector>

#include "model/catalogue.h"
#include "runtimes.h"

namespace metrics_table {

// Whether memory or probes tell it of a runtime; if not, it is about the process or us.
bool is_of_runtime(const model::CatalogueEntry& entry);

std::string type_of(const model::CatalogueEntry& entry);
std::string labels_of(const model::CatalogueEntry& entry);
std::string unit_of(const model::CatalogueEntry& entry);
std::string source_in(const model::CatalogueEntry& entry, const Runtime& runtime);
std::string source_outside(const model::CatalogueEntry& entry);
std::string since(const model::CatalogueEntry& entry, const std::vector<Runtime>& runtimes);
std::string meaning_of(const model::CatalogueEntry& entry, const std::vector<Runtime>& runtimes);

}  // namespace metrics_table
