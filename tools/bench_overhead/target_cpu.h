// The CPU time of the process that is measured.
#pragma once

#include <sys/types.h>

namespace bench {

// What all threads of a process have used, in nanoseconds, as the scheduler counts it. Waits until
// each of them sleeps: the time of one that runs is only counted up to the last tick. Throws where
// the process doesn't come to rest.
double cpu_at_rest_ns(pid_t pid);

}  // namespace bench
