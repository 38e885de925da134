// What `probes` found in a process: made by `inspect`, written by `expose`.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace model {

// One place in the code where a probe stands. Operands are the target's own text: any bytes.
struct SiteListing {
  std::uint64_t file_offset = 0;
  std::uint64_t address = 0;  // in the running process
  std::vector<std::string> operands;
};

// A function that is probed in place of sites.
struct FunctionListing {
  std::string function;
  bool at_return = false;  // else at its entry
  std::uint64_t file_offset = 0;
  std::uint64_t address = 0;  // in the running process
};

struct SemaphoreListing {
  std::uint64_t address = 0;           // in the running process
  std::optional<std::uint16_t> value;  // none: it could not be read
};

// kAbsent: not in the binary. kUncounted: no group counts it. kRefused: a site breaks the contract.
// kNotNeeded: memory tells the same, so it is not attached.
enum class Attachability { kAttachable, kAbsent, kUncounted, kRefused, kNotNeeded };

// One probe of the contract.
struct ProbeListing {
  std::string name;
  std::string cost;   // light, medium or heavy
  std::string group;  // empty: no group counts it
  Attachability attachability = Attachability::kAbsent;
  std::string how;  // the method of attaching, or the reason against it
  std::vector<SiteListing> sites;
  std::vector<SemaphoreListing> semaphores;  // one in a program, one more in each library
  std::vector<std::string> families;         // the metrics that come from it
  std::vector<FunctionListing> functions{};  // only in a program without any sites
};

// What is read from the process's memory instead.
struct StateListing {
  std::string layout;                 // empty: none was found, `how` says why
  std::string how;                    // where the layout was found
  std::vector<std::string> families;  // the metrics that come from it
};

struct ProcessProbes {
  int pid = 0;
  std::string comm;  // the target's own text, like `executable`
  std::string executable;
  std::vector<ProbeListing> probes;
  StateListing state;
  std::optional<std::uint64_t> hit_cost_ns{};  // of a hit on this machine; none: not calibrated
};

}  // namespace model
