#include "confined/allowed_calls.h"

#include <fcntl.h>
#include <seccomp.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <climits>
#include <type_traits>
#include <vector>

#include "base/owned.h"

namespace confined {
namespace {

using Filter = base::Owned<std::remove_pointer_t<scmp_filter_ctx>, seccomp_release>;

// A call, and what its arguments must be.
struct Rule {
  int call;
  std::vector<scmp_arg_cmp> arguments{};
};

// An argument that is compared by its low 32 bits has none above them in an honest call, and is
// refused with them.
std::vector<Rule> allowed() {
  const scmp_arg_cmp no_code = SCMP_A2_64(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0);
  std::vector<Rule> rules{
      {SCMP_SYS(read)},
      {SCMP_SYS(pread64)},
      {SCMP_SYS(lseek)},
      {SCMP_SYS(close)},
      {SCMP_SYS(fstat)},
      // The C library's fstat(). The path can't be seen here; nothing is under any of them.
      {SCMP_SYS(newfstatat),
       {SCMP_A0_32(SCMP_CMP_LE, INT_MAX), SCMP_A3_32(SCMP_CMP_EQ, AT_EMPTY_PATH)}},
      {SCMP_SYS(fcntl), {SCMP_A1_32(SCMP_CMP_EQ, F_GETFD)}},
      {SCMP_SYS(fcntl), {SCMP_A1_32(SCMP_CMP_EQ, F_GETFL)}},
      {SCMP_SYS(fcntl), {SCMP_A1_32(SCMP_CMP_EQ, F_DUPFD_CLOEXEC)}},
      {SCMP_SYS(brk)},
      {SCMP_SYS(mmap), {no_code}},
      {SCMP_SYS(mprotect), {no_code}},
      {SCMP_SYS(mremap)},
      {SCMP_SYS(munmap)},
      {SCMP_SYS(madvise)},
      {SCMP_SYS(futex)},
      {SCMP_SYS(clock_gettime)},
      {SCMP_SYS(getrandom)},
      {SCMP_SYS(rt_sigaction)},
      {SCMP_SYS(rt_sigprocmask)},
      {SCMP_SYS(rt_sigreturn)},
      {SCMP_SYS(exit)},
      {SCMP_SYS(exit_group)},
  };
#ifdef VALKYRIA_SANITIZED
  // Sanitizers look by a pipe whether memory can be read.
  for (const int call :
       {SCMP_SYS(sigaltstack), SCMP_SYS(gettid), SCMP_SYS(getpid), SCMP_SYS(sched_yield),
        SCMP_SYS(getrlimit), SCMP_SYS(pipe), SCMP_SYS(pipe2), SCMP_SYS(write)}) {
    rules.push_back({call});
  }
#else
  rules.push_back({SCMP_SYS(write), {SCMP_A0_32(SCMP_CMP_EQ, STDOUT_FILENO)}});
  rules.push_back({SCMP_SYS(write), {SCMP_A0_32(SCMP_CMP_EQ, STDERR_FILENO)}});
#endif
  return rules;
}

// 0, or an errno below zero, as libseccomp tells it.
int load(scmp_filter_ctx filter) {
  if (const int error = seccomp_attr_set(filter, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS);
      error != 0) {
    return error;
  }
  for (const Rule& rule : allowed()) {
    const int error =
        seccomp_rule_add_array(filter, SCMP_ACT_ALLOW, rule.call,
                               static_cast<unsigned>(rule.arguments.size()), rule.arguments.data());
    if (error != 0) return error;
  }
  return seccomp_load(filter);
}

}  // namespace

base::Result<void> allow_only_computing() {
  const Filter filter(seccomp_init(SCMP_ACT_ERRNO(EPERM)));
  const int error = filter ? load(filter.get()) : -ENOMEM;
  if (error == 0) return {};
  return base::fail("forbid all system calls that are not needed: {} (needs a kernel with seccomp)",
                    base::errno_text(-error));
}

}  // namespace confined
