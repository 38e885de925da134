#include "command/process_options.h"

namespace command {

base::Result<void> require_pid(const ProcessOptions& options, std::string_view command) {
  if (options.pid > 0) return {};
  return base::fail("{} of which process? give --pid N", command);
}

}  // namespace command
