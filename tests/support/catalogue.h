// SPDX-License-Identifier: BSD-2-Clause
#ifndef VALKYRIA_TESTS_SUPPORT_CATALOGUE_H
#define VALKYRIA_TESTS_SUPPORT_CATALOGUE_H

#include <set>
#include <string>
#include <vector>

namespace test {

// A line of tests/data/metrics.tsv.
struct CatalogueRow {
  std::string name;
  std::string kind;
  std::set<std::string> labels;
  std::string from;  // "state", "state|probe" or "probe|state"
};

// Throws if the file can't be read.
std::vector<CatalogueRow> read_catalogue();

}  // namespace test

#endif  // VALKYRIA_TESTS_SUPPORT_CATALOGUE_H
