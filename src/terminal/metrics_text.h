// Reads a page of metrics in Prometheus's text format.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace terminal {

using Labels = std::vector<std::pair<std::string, std::string>>;

struct Series {
  std::string name;
  Labels labels;
  double value = 0;

  // Empty where it has no such label.
  std::string_view label(std::string_view wanted) const;
};

// All series of the page, in its order. Who wrote it may be anybody: fails with the number of the
// first line that is none of the format, and past 200,000 series.
base::Result<std::vector<Series>> parse_metrics(std::string_view text);

}  // namespace terminal
