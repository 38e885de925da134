#include "profile/module.h"

#include <algorithm>
#include <utility>

namespace profile {

ModuleMap::ModuleMap(std::vector<Module> modules) {
  std::sort(modules.begin(), modules.end(),
            [](const Module& a, const Module& b) { return a.begin < b.begin; });
  for (Module& module : modules) {
    if (module.begin >= module.end) continue;
    if (!modules_.empty() && module.begin < modules_.back().end) continue;
    modules_.push_back(module);
  }
}

const Module* ModuleMap::find(std::uint64_t address) const {
  const auto after =
      std::upper_bound(modules_.begin(), modules_.end(), address,
                       [](std::uint64_t at, const Module& module) { return at < module.begin; });
  if (after == modules_.begin()) return nullptr;
  const Module& module = *std::prev(after);
  return address < module.end ? &module : nullptr;
}

}  // namespace profile
