// Others who count the same.
#pragma once

#include <memory>
#include <string>

#include "support/child_process.h"

namespace bench {

// bpftrace, attached to the probes of all default groups of a process as long as this lives, with
// the sums that our programs keep. Fails by throwing where it can't be had.
class Bpftrace {
 public:
  Bpftrace(const std::string& program, int pid);
  ~Bpftrace();
  Bpftrace(const Bpftrace&) = delete;
  Bpftrace& operator=(const Bpftrace&) = delete;

 private:
  std::unique_ptr<test::ChildProcess> process_;
};

}  // namespace bench
