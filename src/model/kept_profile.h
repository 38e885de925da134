// Profiles that were taken and can be looked at later.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace model {

// A profile in the two forms in which it is kept: what profile stores read, and what the flame
// graph's page is made of (gzipped JSON).
struct ProfileFiles {
  std::string pprof;
  std::string json_gz;

  std::size_t bytes() const { return pprof.size() + json_gz.size(); }
};

struct KeptProfile {
  std::string id;       // such as 20261126T092000Z-01abcdef-1: never used again
  std::string process;  // the target's label: any bytes
  int pid = 0;
  std::uint64_t unix_ms = 0;  // when it began
  std::uint64_t duration_ms = 0;
  std::uint64_t samples = 0;
  ProfileFiles files;
};

// The newest first.
using KeptProfiles = std::vector<std::shared_ptr<const KeptProfile>>;

}  // namespace model
