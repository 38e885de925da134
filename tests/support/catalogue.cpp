// SPDX-License-Identifier: BSD-2-Clause
#include "support/catalogue.h"

#include <fstream>
#include <sstream>
#include <stdexcept>

namespace test {
namespace {

std::vector<std::string> split(const std::string& text, char separator) {
  std::vector<std::string> parts;
  std::istringstream rest(text);
  for (std::string part; std::getline(rest, part, separator);) parts.push_back(part);
  return parts;
}

}  // namespace

std::vector<CatalogueRow> read_catalogue() {
  std::ifstream file(std::string(VALKYRIA_TEST_DATA) + "/metrics.tsv");
  std::vector<CatalogueRow> rows;
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with('#')) continue;
    const auto cells = split(line, '\t');
    const auto labels = split(cells.at(2), ',');
    rows.push_back({cells.at(0), cells.at(1), {labels.begin(), labels.end()}, cells.at(3)});
  }
  if (rows.empty()) throw std::runtime_error("the catalogue can't be read");
  return rows;
}

}  // namespace test
