#include "confined/confinement.h"

#include <cap-ng.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstddef>
#include <initializer_list>
#include <vector>

#include "base/unique_fd.h"

namespace confined {
namespace {

constexpr rlim_t kMaxCpuSeconds = 10;
constexpr rlim_t kMaxMemoryBytes = rlim_t{1} << 30;

struct Limit {
  __rlimit_resource resource;
  rlim_t value;
};

// The address sanitizer reserves far more memory than it uses.
#ifdef __SANITIZE_ADDRESS__
constexpr bool kLimitsMemory = false;
#else
constexpr bool kLimitsMemory = true;
#endif

// A lower limit that is there already stays.
base::Result<void> set_limit(const Limit& limit) {
  rlimit both{};
  if (::getrlimit(limit.resource, &both) == 0) {
    both.rlim_max = std::min(both.rlim_max, limit.value);
    both.rlim_cur = both.rlim_max;
    if (::setrlimit(limit.resource, &both) == 0) return {};
  }
  return base::fail("limit what resolving a layout may use: {}", base::errno_text(errno));
}

// When memory or time is short, production goes first. A refusal is no reason to stop.
void go_last() {
  ::setpriority(PRIO_PROCESS, 0, 10);
  const base::UniqueFd score(::open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC));
  if (score && ::write(score.get(), "1000", 4) != 4) return;
}

// Of the system calls of x86-64. What is left reads and computes.
constexpr std::array kForbiddenCalls{
    __NR_open,
    __NR_openat,
    __NR_openat2,
    __NR_creat,
    __NR_socket,
    __NR_socketpair,
    __NR_connect,
    __NR_execve,
    __NR_execveat,
    __NR_ptrace,
    __NR_process_vm_readv,
    __NR_process_vm_writev,
    __NR_fork,
    __NR_vfork,
    __NR_clone,
    __NR_clone3,
    __NR_kill,
    __NR_bpf,
    __NR_perf_event_open,
    __NR_io_uring_setup,
    __NR_mount,
    __NR_open_by_handle_at,
    __NR_unlink,
    __NR_unlinkat,
    __NR_rename,
    __NR_renameat2,
    __NR_chmod,
    __NR_chown,
};

// The same calls once more, for programs with short pointers.
constexpr unsigned kFirstX32Call = 0x40000000;

}  // namespace

base::Result<void> forbid_reaching_out() {
  std::vector<sock_filter> filter{BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, arch)),
                                  BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, AUDIT_ARCH_X86_64, 1, 0),
                                  BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
                                  BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
                                  BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, kFirstX32Call, 0, 1),
                                  BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM)};
  for (const unsigned call : kForbiddenCalls) {
    filter.push_back(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, call, 0, 1));
    filter.push_back(BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM));
  }
  filter.push_back(BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW));
  const sock_fprog program{static_cast<unsigned short>(filter.size()), filter.data()};
  if (::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0) return {};
  // A kernel without seccomp: what is left are the limits and the missing capabilities.
  if (errno == EINVAL || errno == ENOSYS) return {};
  return base::fail("forbid what resolving a layout does not need: {}", base::errno_text(errno));
}

base::Result<void> confine_process() {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  go_last();
  for (const Limit& limit : {Limit{RLIMIT_CPU, kMaxCpuSeconds}, Limit{RLIMIT_CORE, 0},
                             Limit{RLIMIT_FSIZE, 0}, Limit{RLIMIT_AS, kMaxMemoryBytes}}) {
    if (limit.resource == RLIMIT_AS && !kLimitsMemory) continue;
    if (auto set = set_limit(limit); !set) return set;
  }
  capng_clear(CAPNG_SELECT_BOTH);
  // Without CAP_SETPCAP the bounding set stays as it is; it gives nothing to who can't gain.
  if (const int error = capng_apply(CAPNG_SELECT_CAPS); error != 0) {
    return base::fail("give up privileges: capng_apply failed with {}", error);
  }
  if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) {
    return base::fail("give up privileges: {}", base::errno_text(errno));
  }
  return {};
}

}  // namespace confined
