#include "confined/empty_root.h"

#include <sched.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>

namespace confined {

using base::fail;
using base::Result;

// A directory of /proc that belonged to a process which has ended. It needs no mount and no place
// on a disk, so it is to be had in every container, and not even root could make anything in it.
// That process shares our root, enters its own directory, and ends.
Result<void> enter_empty_root() {
  const long helper = ::syscall(SYS_clone, CLONE_FS | SIGCHLD, nullptr, nullptr, nullptr, nullptr);
  if (helper == 0) {
    const bool entered = ::chroot("/proc/self/fdinfo") == 0 && ::chdir("/") == 0;
    ::_exit(entered ? 0 : errno);
  }
  if (helper < 0) return fail("enter an empty root: {}", base::errno_text(errno));
  int status = 0;
  pid_t reaped = -1;
  do reaped = ::waitpid(static_cast<pid_t>(helper), &status, 0);
  while (reaped < 0 && errno == EINTR);
  if (reaped < 0 || !WIFEXITED(status)) return fail("enter an empty root: its maker was killed");
  if (const int error = WEXITSTATUS(status); error != 0) {
    return fail("enter an empty root: {}{}", base::errno_text(error),
                error == EPERM ? " (needs CAP_SYS_CHROOT)" : "");
  }
  return {};
}

}  // namespace confined
