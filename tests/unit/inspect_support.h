// What tests of `inspect` share.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "inspect/checks.h"

namespace inspect_support {

inline bool has(const std::vector<model::Check>& checks, const std::string& name) {
  return std::any_of(checks.begin(), checks.end(),
                     [&](const model::Check& check) { return check.name == name; });
}

// A failure called "missing" where there is no such check.
inline model::Check find(const std::vector<model::Check>& checks, const std::string& name) {
  const auto found = std::find_if(checks.begin(), checks.end(),
                                  [&](const model::Check& check) { return check.name == name; });
  return found == checks.end() ? inspect::failed("missing", name, "") : *found;
}

}  // namespace inspect_support
