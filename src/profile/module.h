// What is mapped where in a target.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace profile {

// A mapped piece of a file that can run. `bias` is what an address has more than the one that the
// file was linked for.
struct Module {
  std::uint64_t begin = 0;
  std::uint64_t end = 0;
  std::uint64_t bias = 0;
  std::size_t file = 0;  // which of the target's files
};

// In the order of their addresses; none overlaps another.
class ModuleMap {
 public:
  ModuleMap() = default;
  // Sorts them, and leaves out what overlaps one before it.
  explicit ModuleMap(std::vector<Module> modules);

  const Module* find(std::uint64_t address) const;
  const std::vector<Module>& modules() const { return modules_; }

 private:
  std::vector<Module> modules_;
};

}  // namespace profile
