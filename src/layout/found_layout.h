// A layout with its origin.
#pragma once

#include <string>

#include "state/layout.h"

namespace layout {

// A layout and where it was found, for people: "the cache", "debug information".
struct FoundLayout {
  state::Layout layout;
  std::string origin;
};

}  // namespace layout
