// Samples to stacks with names, where no rights are needed.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "base/unique_fd.h"
#include "profile/code_file.h"
#include "profile/found_stacks.h"

namespace profile {

// Unwinds and names, and remembers what it has named: an address is asked once. For the confined
// process. One thread.
class StackFinder {
 public:
  // Past these an address is told without a function: a hostile stack may point anywhere.
  static constexpr std::size_t kMaxLocations = kMaxFoundLocations;
  static constexpr std::size_t kMaxFunctions = kMaxFoundFunctions;

  // A module's `file` is the place of its file in `files`.
  StackFinder(CodeFacts facts, std::vector<CodeFile> files);

  // In the order of the requests. `new_*` is what was found since the last call.
  FoundStacks find(const std::vector<StackRequest>& requests);

 private:
  FoundStack find_one(const StackRequest& request);
  const elf::CallSite* site_of(const Frame& frame) const;
  std::size_t location_of(const Frame& frame);
  std::vector<FoundLine> lines_of(std::uint64_t address, const Module& module);
  std::optional<std::size_t> function_of(elf::SourceFunction function);

  ModuleMap modules_;
  std::vector<CodeFile> files_;
  std::map<std::uint64_t, elf::CallSite> calls_;    // by where they come back to
  std::map<std::uint64_t, std::size_t> locations_;  // by the looked up address
  std::map<std::pair<std::string, std::string>, std::size_t> functions_;  // by names
  FoundStacks found_;                                                     // since the last call
};

}  // namespace profile
