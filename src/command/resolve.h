// Makes a layout file; and the hidden command that does it, confined.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"

namespace command {

struct ResolveOptions {
  std::string executable;
  std::string output;  // empty: stdout
  std::string name;    // of the hidden command's executable
  std::vector<std::string> debug_directories;
};

base::Result<int> run_resolve(const ResolveOptions& options);
// The exit status; confines this process.
int run_resolve_confined(const ResolveOptions& options);

}  // namespace command
