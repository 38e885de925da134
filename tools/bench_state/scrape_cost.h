// What a scrape costs the exporter.
#pragma once

#include <string>
#include <vector>

#include "bench_support/spread.h"

namespace bench {

struct ScrapeCost {
  std::string what;        // the format that was asked for
  Spread cpu_ns;           // of the exporter, kernel included
  double calls_least = 0;  // system calls of a scrape
  double calls_median = 0;
  double calls_most = 0;
  std::size_t bytes = 0;  // of the answer
};

// Of one target with 4 servers and 8 clients, `scrapes` scrapes on one connection for each format.
std::vector<ScrapeCost> measure_scrapes(int scrapes);

}  // namespace bench
