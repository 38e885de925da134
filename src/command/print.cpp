#include "command/print.h"

#include <cerrno>
#include <cstdio>

namespace command {

base::Result<void> print(const std::string& answer) {
  const bool written = std::fwrite(answer.data(), 1, answer.size(), stdout) == answer.size();
  if (written && std::fflush(stdout) == 0) return {};
  return base::fail("write to stdout: {}", base::errno_text(errno));
}

}  // namespace command
