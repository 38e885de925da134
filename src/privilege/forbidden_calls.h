// System calls that a thread never needs, and so can't make any more.
#pragma once

#include "base/result.h"
#include "privilege/privilege.h"

namespace privilege {

// For all threads that there are and will be, and the programs that they start: no system call that
// no part of this program makes: to trace or change other processes, to load into the kernel, to
// mount, to change namespaces or clocks, to open by handles, io_uring. They fail with EPERM; one of
// another architecture (i386, x32) kills. Sets no_new_privs. Fails where the kernel has no such
// filters.
base::Result<void> forbid_what_nobody_calls();

// For the calling thread and those that it starts: nor what this task never calls. All but kAttach
// start no process, attach nothing, become nobody else and signal nobody; all but kReadMemory read
// no memory of others; kServe also writes no file and connects to nobody.
base::Result<void> forbid_calls(Task task);

}  // namespace privilege
