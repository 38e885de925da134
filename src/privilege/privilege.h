// What we are allowed to do, and how little of it we keep.
#pragma once

#include <string>

#include "base/result.h"

namespace privilege {

// The capabilities that attaching needs and this process lacks, such as "CAP_BPF, CAP_PERFMON".
std::string missing_start_privileges();

// Fails, naming what is missing, unless this process may load BPF programs, attach uprobes and look
// at other users' processes.
base::Result<void> require_start_privileges();

// Gives up, for good and for every thread started later, what later work does not need. Kept are
// CAP_SYS_PTRACE (to see the executables of other users' processes) and CAP_BPF (to read maps,
// which kernels before 6.1 refuse without it); where later processes are to be attached to, also
// what attaching and reading their executables needs; and, as far as we have them, CAP_SETUID,
// CAP_SETGID, CAP_SYS_CHROOT and CAP_KILL, without which root's processes can neither become nobody
// nor be ended then (confined/task.h). Detaching needs none. Call it before any thread is started.
base::Result<void> drop_start_privileges(bool attaches_later);

// Leaves the calling thread, which does nothing but read processes' memory, with CAP_SYS_PTRACE
// alone.
void keep_only_reading_privileges();

}  // namespace privilege
