// Who is watched, and by what.
#pragma once

#include <string>
#include <vector>

#include "layout/layouts.h"
#include "probe/contract.h"
#include "target/selection.h"

namespace watch {

struct Config {
  target::Selection selection;
  std::vector<probe::Group> groups;
  layout::Config layouts;
  std::string version;
  std::string proc_root = "/proc";
};

}  // namespace watch
