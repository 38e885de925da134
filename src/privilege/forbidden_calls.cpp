#include "privilege/forbidden_calls.h"

#include <asm/sockios.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <sched.h>
#include <seccomp.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cerrno>
#include <type_traits>
#include <vector>

#include "base/owned.h"

namespace privilege {
namespace {

using base::Result;
using Filter = base::Owned<std::remove_pointer_t<scmp_filter_ctx>, seccomp_release>;

// A call that is refused, where its arguments are these.
struct Rule {
  int call;
  std::vector<scmp_arg_cmp> arguments{};
  int error = EPERM;
};
using Rules = std::vector<Rule>;

constexpr unsigned int kIoPriorityOfAProcess = 1;  // IOPRIO_WHO_PROCESS, in no header
// Calls that the libseccomp of Debian 12 does not know yet; on every architecture of this number.
constexpr int kFchmodat2 = 452;
constexpr int kSetxattrat = 463;
constexpr int kRemovexattrat = 466;

void forbid(Rules& rules, std::initializer_list<int> calls) {
  for (const int call : calls) rules.push_back({call});
}

void forbid_power_over_the_machine(Rules& rules) {
  forbid(rules, {SCMP_SYS(kexec_load),     SCMP_SYS(kexec_file_load), SCMP_SYS(init_module),
                 SCMP_SYS(finit_module),   SCMP_SYS(delete_module),   SCMP_SYS(reboot),
                 SCMP_SYS(swapon),         SCMP_SYS(swapoff),         SCMP_SYS(iopl),
                 SCMP_SYS(ioperm),         SCMP_SYS(modify_ldt),      SCMP_SYS(settimeofday),
                 SCMP_SYS(clock_settime),  SCMP_SYS(adjtimex),        SCMP_SYS(clock_adjtime),
                 SCMP_SYS(sethostname),    SCMP_SYS(setdomainname),   SCMP_SYS(acct),
                 SCMP_SYS(quotactl),       SCMP_SYS(syslog),          SCMP_SYS(vhangup),
                 SCMP_SYS(add_key),        SCMP_SYS(request_key),     SCMP_SYS(keyctl),
                 SCMP_SYS(fanotify_init),  SCMP_SYS(userfaultfd),     SCMP_SYS(personality),
                 SCMP_SYS(io_uring_setup), SCMP_SYS(io_uring_enter),  SCMP_SYS(io_uring_register)});
}

void forbid_other_places(Rules& rules) {
  forbid(rules, {SCMP_SYS(mount), SCMP_SYS(umount2), SCMP_SYS(pivot_root), SCMP_SYS(move_mount),
                 SCMP_SYS(open_tree), SCMP_SYS(fsopen), SCMP_SYS(fsconfig), SCMP_SYS(fsmount),
                 SCMP_SYS(fspick), SCMP_SYS(setns), SCMP_SYS(unshare), SCMP_SYS(open_by_handle_at),
                 SCMP_SYS(mount_setattr)});
}

// Reading memory is a task; nobody changes it, or stops its owner.
void forbid_power_over_targets(Rules& rules) {
  forbid(rules,
         {SCMP_SYS(ptrace), SCMP_SYS(process_vm_writev), SCMP_SYS(process_madvise),
          SCMP_SYS(pidfd_getfd), SCMP_SYS(kcmp), SCMP_SYS(move_pages), SCMP_SYS(migrate_pages)});
}

// Memory that is written and run is for code that somebody brings along; a terminal takes what is
// pushed back into it for typed.
void forbid_tricks(Rules& rules) {
  constexpr unsigned int kWrittenCode = PROT_WRITE | PROT_EXEC;
  for (const int call : {SCMP_SYS(mmap), SCMP_SYS(mprotect), SCMP_SYS(pkey_mprotect)}) {
    rules.push_back({call, {SCMP_A2_64(SCMP_CMP_MASKED_EQ, kWrittenCode, kWrittenCode)}});
  }
  rules.push_back({SCMP_SYS(ioctl), {SCMP_A1_32(SCMP_CMP_EQ, TIOCSTI)}});
}

// pthread_create() takes clone3 first, whose flags can't be seen here, and clone where there is
// none.
void forbid_processes(Rules& rules) {
  forbid(rules, {SCMP_SYS(execve), SCMP_SYS(execveat), SCMP_SYS(fork), SCMP_SYS(vfork)});
  rules.push_back({SCMP_SYS(clone), {SCMP_A0_64(SCMP_CMP_MASKED_EQ, CLONE_THREAD, 0)}});
  rules.push_back({SCMP_SYS(clone3), {}, ENOSYS});
}

void forbid_other_identities(Rules& rules) {
  forbid(rules, {SCMP_SYS(setuid), SCMP_SYS(setgid), SCMP_SYS(setreuid), SCMP_SYS(setregid),
                 SCMP_SYS(setresuid), SCMP_SYS(setresgid), SCMP_SYS(setfsuid), SCMP_SYS(setfsgid),
                 SCMP_SYS(setgroups), SCMP_SYS(chroot)});
  for (const int option : {PR_SET_DUMPABLE, PR_SET_PTRACER, PR_SET_KEEPCAPS, PR_SET_MM}) {
    rules.push_back(
        {SCMP_SYS(prctl), {SCMP_A0_32(SCMP_CMP_EQ, static_cast<unsigned int>(option))}});
  }
}

// abort() signals our own process. Who owns a descriptor is signalled when it is ready.
void forbid_signals_to_others(Rules& rules) {
  forbid(rules, {SCMP_SYS(kill), SCMP_SYS(tkill), SCMP_SYS(pidfd_send_signal),
                 SCMP_SYS(rt_sigqueueinfo), SCMP_SYS(rt_tgsigqueueinfo)});
  rules.push_back(
      {SCMP_SYS(tgkill), {SCMP_A0_32(SCMP_CMP_NE, static_cast<unsigned int>(::getpid()))}});
  for (const unsigned int command : {F_SETOWN, F_SETOWN_EX, F_SETSIG}) {
    rules.push_back({SCMP_SYS(fcntl), {SCMP_A1_32(SCMP_CMP_EQ, command)}});
  }
  for (const unsigned int command : {FIOSETOWN, SIOCSPGRP}) {
    rules.push_back({SCMP_SYS(ioctl), {SCMP_A1_32(SCMP_CMP_EQ, command)}});
  }
}

// A limit that is passed ends a process; without time on a processor it stands still. 0 is oneself.
void forbid_limits_of_others(Rules& rules) {
  for (const int call :
       {SCMP_SYS(prlimit64), SCMP_SYS(sched_setscheduler), SCMP_SYS(sched_setparam),
        SCMP_SYS(sched_setattr), SCMP_SYS(sched_setaffinity)}) {
    rules.push_back({call, {SCMP_A0_32(SCMP_CMP_NE, 0)}});
  }
  for (const int call : {SCMP_SYS(setpriority), SCMP_SYS(ioprio_set)}) {
    rules.push_back({call, {SCMP_A1_32(SCMP_CMP_NE, 0)}});
  }
  rules.push_back({SCMP_SYS(setpriority), {SCMP_A0_32(SCMP_CMP_NE, PRIO_PROCESS)}});
  rules.push_back({SCMP_SYS(ioprio_set), {SCMP_A0_32(SCMP_CMP_NE, kIoPriorityOfAProcess)}});
}

// What is left is to read and write maps that are open.
void forbid_bpf_but_maps(Rules& rules) {
  forbid(rules, {SCMP_SYS(perf_event_open)});
  constexpr unsigned int kCommands = 64;  // none is higher on any kernel of today
  for (unsigned int command = 0; command < kCommands; ++command) {
    switch (command) {
      case BPF_MAP_LOOKUP_ELEM:
      case BPF_MAP_UPDATE_ELEM:
      case BPF_MAP_DELETE_ELEM:
      case BPF_MAP_GET_NEXT_KEY:
      case BPF_MAP_LOOKUP_BATCH:
      case BPF_MAP_LOOKUP_AND_DELETE_BATCH:
      case BPF_MAP_UPDATE_BATCH:
      case BPF_MAP_DELETE_BATCH:
      case BPF_OBJ_GET_INFO_BY_FD:  // by which libbpf opens a ring
        break;
      default:
        rules.push_back({SCMP_SYS(bpf), {SCMP_A0_32(SCMP_CMP_EQ, command)}});
    }
  }
  rules.push_back({SCMP_SYS(bpf), {SCMP_A0_32(SCMP_CMP_GE, kCommands)}});
}

void forbid_writing_files(Rules& rules) {
  constexpr unsigned int kAccess = O_ACCMODE;
  for (const unsigned int access : {O_WRONLY, O_RDWR}) {
    rules.push_back({SCMP_SYS(open), {SCMP_A1_32(SCMP_CMP_MASKED_EQ, kAccess, access)}});
    rules.push_back({SCMP_SYS(openat), {SCMP_A2_32(SCMP_CMP_MASKED_EQ, kAccess, access)}});
  }
  for (const unsigned int made : {O_CREAT, O_TRUNC}) {
    rules.push_back({SCMP_SYS(open), {SCMP_A1_32(SCMP_CMP_MASKED_EQ, made, made)}});
    rules.push_back({SCMP_SYS(openat), {SCMP_A2_32(SCMP_CMP_MASKED_EQ, made, made)}});
  }
  forbid(
      rules,
      {SCMP_SYS(openat2),      SCMP_SYS(creat),        SCMP_SYS(truncate),  SCMP_SYS(rename),
       SCMP_SYS(renameat),     SCMP_SYS(renameat2),    SCMP_SYS(unlink),    SCMP_SYS(unlinkat),
       SCMP_SYS(rmdir),        SCMP_SYS(mkdir),        SCMP_SYS(mkdirat),   SCMP_SYS(mknod),
       SCMP_SYS(mknodat),      SCMP_SYS(link),         SCMP_SYS(linkat),    SCMP_SYS(symlink),
       SCMP_SYS(symlinkat),    SCMP_SYS(chmod),        SCMP_SYS(fchmod),    SCMP_SYS(fchmodat),
       SCMP_SYS(chown),        SCMP_SYS(fchown),       SCMP_SYS(lchown),    SCMP_SYS(fchownat),
       SCMP_SYS(setxattr),     SCMP_SYS(lsetxattr),    SCMP_SYS(fsetxattr), SCMP_SYS(removexattr),
       SCMP_SYS(lremovexattr), SCMP_SYS(fremovexattr), SCMP_SYS(utime),     SCMP_SYS(utimes),
       SCMP_SYS(utimensat),    SCMP_SYS(futimesat),    kFchmodat2,          kSetxattrat,
       kRemovexattrat});
}

// A first packet opens a connection, too; send() has no address.
void forbid_reaching_others(Rules& rules) {
  forbid(rules, {SCMP_SYS(connect), SCMP_SYS(bind), SCMP_SYS(listen), SCMP_SYS(sendmsg),
                 SCMP_SYS(sendmmsg)});
  rules.push_back({SCMP_SYS(sendto), {SCMP_A4_64(SCMP_CMP_NE, 0)}});
}

// Neither at once, which nobody may, nor one after the other.
void forbid_own_code(Rules& rules) {
  forbid(rules, {SCMP_SYS(memfd_create)});
  constexpr unsigned int kCode = PROT_EXEC;
  for (const int call : {SCMP_SYS(mprotect), SCMP_SYS(pkey_mprotect)}) {
    rules.push_back({call, {SCMP_A2_64(SCMP_CMP_MASKED_EQ, kCode, kCode)}});
  }
}

Rules rules_of_nobody() {
  Rules rules;
  forbid_power_over_the_machine(rules);
  forbid_other_places(rules);
  forbid_power_over_targets(rules);
  forbid_tricks(rules);
  return rules;
}

Rules rules_of(Task task) {
  Rules rules;
  if (task == Task::kAttach) return rules;
  forbid_processes(rules);
  forbid_other_identities(rules);
  forbid_signals_to_others(rules);
  forbid_limits_of_others(rules);
  forbid_bpf_but_maps(rules);
  if (task != Task::kReadMemory) forbid(rules, {SCMP_SYS(process_vm_readv)});
  if (task == Task::kServe) {
    forbid_writing_files(rules);
    forbid_reaching_others(rules);
    forbid_own_code(rules);
  }
  return rules;
}

enum class Whom { kThread, kProcess };

// 0, or an errno below zero, as libseccomp tells it.
int load(scmp_filter_ctx filter, const Rules& rules, Whom whom) {
  if (const int error =
          seccomp_attr_set(filter, SCMP_FLTATR_CTL_TSYNC, whom == Whom::kProcess ? 1 : 0);
      error != 0) {
    return error;
  }
  if (const int error = seccomp_attr_set(filter, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS);
      error != 0) {
    return error;
  }
  for (const Rule& rule : rules) {
    const int error =
        seccomp_rule_add_array(filter, SCMP_ACT_ERRNO(static_cast<unsigned>(rule.error)), rule.call,
                               static_cast<unsigned>(rule.arguments.size()), rule.arguments.data());
    if (error != 0) return error;
  }
  return seccomp_load(filter);
}

// Sanitizers fork and trace when they look for leaks.
#ifdef VALKYRIA_SANITIZED
constexpr bool kRefuses = false;
#else
constexpr bool kRefuses = true;
#endif

Result<void> refuse(const Rules& rules, Whom whom) {
  if (!kRefuses || rules.empty()) return {};
  const Filter filter(seccomp_init(SCMP_ACT_ALLOW));
  const int error = filter ? load(filter.get(), rules, whom) : -ENOMEM;
  if (error == 0) return {};
  return base::fail("forbid system calls that are not needed: {} (needs a kernel with seccomp)",
                    base::errno_text(-error));
}

}  // namespace

Result<void> forbid_what_nobody_calls() {
  return refuse(rules_of_nobody(), Whom::kProcess);
}

Result<void> forbid_calls(Task task) {
  return refuse(rules_of(task), Whom::kThread);
}

}  // namespace privilege
