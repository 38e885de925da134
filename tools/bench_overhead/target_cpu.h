// The CPU time of the process that is measured.
#pragma once

#include <sys/types.h>

namespace bench {

// What all threads of a process have used, in nanoseconds, as the scheduler counts it
// (/proc/PID/task/*/schedstat). Of a thread that runs right now, up to the last tick: 4 ms may
// lack.
double cpu_ns(pid_t pid);

// The same to the nanosecond: waits until each thread sleeps. Throws where they don't come to rest.
double cpu_at_rest_ns(pid_t pid);

}  // namespace bench
