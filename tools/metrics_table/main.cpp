// Writes docs/metrics.md to stdout, or says whether a file has that content:
//
//   metrics_table > docs/metrics.md
//   metrics_table --check docs/metrics.md
#include <fstream>
#include <iostream>
#include <iterator>
#include <string>

#include "table.h"

namespace {

int check(const std::string& path, const std::string& page) {
  std::ifstream file(path, std::ios::binary);
  const std::string content{std::istreambuf_iterator<char>(file), {}};
  if (content == page) return 0;
  std::cerr << path
            << " is not what the catalogue, the readers and the probes say: write it anew with\n"
               "tools/build default metrics_table && build/bin/metrics_table > docs/metrics.md\n";
  return 1;
}

}  // namespace

int main(int count, char** arguments) {
  const std::string page = metrics_table::write_page();
  if (count == 3 && std::string(arguments[1]) == "--check") return check(arguments[2], page);
  if (count != 1) {
    std::cerr << "usage: metrics_table [--check FILE]\n";
    return 2;
  }
  std::cout << page;
  return 0;
}
