#include "target/exit_status.h"

#include <fmt/format.h>
#include <string.h>
#include <sys/wait.h>

namespace target {
namespace {

std::string name_of_signal(int signal) {
  const char* const name = ::sigabbrev_np(signal);
  return name != nullptr ? fmt::format("SIG{}", name) : fmt::format("signal {}", signal);
}

}  // namespace

std::string words_of_end(std::uint32_t wait_status) {
  const int status = static_cast<int>(wait_status & 0xFFFFU);
  if (WIFSIGNALED(status)) {
    return fmt::format("it was killed by {}{}", name_of_signal(WTERMSIG(status)),
                       WCOREDUMP(status) ? " and dumped core" : "");
  }
  return fmt::format("it exited with {}", WEXITSTATUS(status));
}

}  // namespace target
