// How many system calls a process makes.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <memory>

struct syscalls_bpf;

namespace bench {

// Counts from its birth on. Throws where the kernel doesn't let it.
class SyscallCounter {
 public:
  explicit SyscallCounter(pid_t pid);

  std::uint64_t calls() const;

 private:
  struct Destroy {
    void operator()(syscalls_bpf* skeleton) const;
  };
  std::unique_ptr<syscalls_bpf, Destroy> skeleton_;
};

}  // namespace bench
