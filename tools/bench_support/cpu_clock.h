// The CPU time that a process uses.
#pragma once

#include <sys/types.h>

#include <ctime>

namespace bench {

// Of all threads of one process. Throws if there is no such process.
class CpuClock {
 public:
  explicit CpuClock(pid_t pid);

  double now_ns() const;

 private:
  clockid_t clock_{};
};

// Keeps all threads of a process, and those that they start later, on one CPU.
void pin(pid_t pid, int cpu);

// The CPUs that we may use, by rising number.
int first_cpu();
int last_cpu();

}  // namespace bench
