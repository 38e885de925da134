// Whom to watch.
#pragma once

#include <string>
#include <variant>
#include <vector>

namespace target {

// This process alone, until it ends.
struct OneProcess {
  int pid = 0;
};

// Every process that runs the file that stands at `path` at the moment, now and later.
struct ByExecutable {
  std::string path;
};

// Every process with one of these comms that is recognised (program.h), now and later.
struct ByName {
  std::vector<std::string> comms;
};

// Every process that is recognised and belongs to us, now and later. Root owns everybody;
// another user his own processes and root's.
struct Everything {};

using Selection = std::variant<OneProcess, ByExecutable, ByName, Everything>;

}  // namespace target
