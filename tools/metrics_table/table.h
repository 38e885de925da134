// docs/metrics.md, whole.
#pragma once

#include <string>

namespace metrics_table {

std::string write_page();

}  // namespace metrics_table
