// An empty program in the place of ours.
#pragma once

#include <memory>
#include <vector>

#include "bench_support/watched_process.h"
#include "probe/uprobe_link.h"

struct empty_bpf;

namespace bench {

// Owns the empty program, loaded.
class EmptyProgram {
 public:
  EmptyProgram();

  // Attaches it where WatchedProcess::attach() attaches ours, and by the same method. Attached as
  // long as the result lives.
  std::vector<probe::UprobeLink> attach(const WatchedProcess& process) const;

 private:
  struct Destroy {
    void operator()(empty_bpf* skeleton) const;
  };
  std::unique_ptr<empty_bpf, Destroy> skeleton_;
};

}  // namespace bench
