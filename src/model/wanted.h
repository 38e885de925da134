// Which targets somebody wants to be told of.
#pragma once

#include <string>

namespace model {

struct Wanted {
  enum class Targets { kAll, kFirst, kNamed };
  Targets targets = Targets::kAll;
  std::string process;  // with kNamed: the label
};

}  // namespace model
