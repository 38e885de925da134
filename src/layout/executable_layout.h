// What `valkyria_exporter resolve` does: a layout file for a stripped binary, made from a build of
// it that still has its debug information.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"

namespace layout {

struct ResolvedLayout {
  std::string text;                  // of the file
  std::string summary;               // one line for people
  std::vector<std::string> missing;  // what this build doesn't have, with the reasons
};

// Reads the debug information of the executable at `path`, in a confined process. Fails when there
// is none, when it is of no runtime that we know, or when the build has no build id: then nobody
// could tell which binary the layout fits.
base::Result<ResolvedLayout> resolve_executable(const std::string& path,
                                                const std::vector<std::string>& debug_directories);

}  // namespace layout
