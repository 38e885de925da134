// What noise leaves of a number that was measured several times.
#pragma once

#include <vector>

namespace bench {

// The median, and the quartiles around it.
struct Spread {
  double median = 0;
  double lower = 0;
  double upper = 0;
};

// Of at least one number.
Spread spread_of(std::vector<double> numbers);
double median_of(std::vector<double> numbers);

}  // namespace bench
