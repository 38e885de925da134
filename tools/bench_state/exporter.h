// A running exporter to measure.
#pragma once

#include <sys/types.h>

#include <cstdint>

#include "support/child_process.h"

namespace bench {

// Watches one process, serving on a free port. Serves when the constructor returns, which throws if
// it doesn't get there.
class Exporter {
 public:
  explicit Exporter(pid_t watched_pid);

  pid_t pid() const { return process_.pid(); }
  std::uint16_t port() const { return port_; }

 private:
  test::ChildProcess process_;
  std::uint16_t port_ = 0;
};

}  // namespace bench
