// Which targets somebody wants to be told of.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

namespace model {

struct Wanted {
  enum class Targets { kAll, kFirst, kNamed };
  Targets targets = Targets::kAll;
  std::vector<std::string> processes = {};  // with kNamed: the labels

  bool includes(const std::string& process) const {
    return targets != Targets::kNamed ||
           std::find(processes.begin(), processes.end(), process) != processes.end();
  }
};

}  // namespace model
