// What noise leaves of a number that was measured several times.
#pragma once

#include <vector>

namespace bench {

// The median, and the quartiles or the interval around it.
struct Spread {
  double median = 0;
  double lower = 0;
  double upper = 0;
};

// Of at least one number.
Spread spread_of(std::vector<double> numbers);
double median_of(std::vector<double> numbers);

// The median and the 95 % interval around it, by order alone: a machine that does something else
// now and then moves a mean, but no median. `lower` and `upper` are the interval's ends.
Spread interval_of(std::vector<double> numbers);

}  // namespace bench
